import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalUnit;
import java.util.Random;

// Prints what ChronoUnit.between (for quarters IsoFields.QUARTER_YEARS) makes of random pairs of
// times in UTC, many of them at the ends of months: lines "UNIT FROM TO NUMBER", times in
// milliseconds since 1970.
class DateDifferences {
    static final Random random = new Random(13);
    static final TemporalUnit[] units = {
        ChronoUnit.YEARS, IsoFields.QUARTER_YEARS, ChronoUnit.MONTHS, ChronoUnit.WEEKS, ChronoUnit.DAYS,
        ChronoUnit.HOURS, ChronoUnit.MINUTES, ChronoUnit.SECONDS, ChronoUnit.MILLIS,
    };
    static final String[] names = {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"};

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16));
        for (int i = 0; i < 20_000; i++) {
            LocalDateTime from = time(i % 4 == 0 ? 9998 : 6), to = time(i % 4 == 0 ? 9998 : 6);
            for (int n = 0; n < units.length; n++) {
                out.println(names[n] + " " + ms(from) + " " + ms(to) + " " + units[n].between(from, to));
            }
        }
        out.flush();
    }

    static LocalDateTime time(int years) {
        int year = years > 100 ? 1 + random.nextInt(years) : 1967 + random.nextInt(years);
        int month = 1 + random.nextInt(12);
        int last = YearMonth.of(year, month).lengthOfMonth();
        int day = random.nextBoolean() ? last - random.nextInt(3) : 1 + random.nextInt(last);
        LocalDateTime date = LocalDateTime.of(year, month, day, 0, 0);
        return random.nextBoolean() ? date : date.plusNanos(1_000_000L * random.nextInt(86_400_000));
    }

    static long ms(LocalDateTime time) {
        return time.toInstant(ZoneOffset.UTC).toEpochMilli();
    }
}
