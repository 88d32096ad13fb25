import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesProvider;
import java.util.TreeSet;

// Prints what java.time makes of local times around each change of clocks of each zone from 1970 to
// 2040: a line "zone NAME", then of each change a line "change SECOND" (since 1970), and lines
// "LOCAL INSTANT OFFSET": milliseconds since 1970 of a local time, as if it were UTC; of the moment
// that LocalDateTime.atZone gives; and the seconds east of UTC at that moment.
class LocalTimes {
    public static void main(String[] args) {
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16));
        out.println("java " + Runtime.version().feature() + " tzdata " + ZoneRulesProvider.getVersions("UTC").lastEntry().getKey());
        Instant end = Instant.parse("2041-01-01T00:00:00Z");
        for (String name : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            out.println("zone " + name);
            ZoneId zone = ZoneId.of(name);
            ZoneRules rules = zone.getRules();
            show(out, zone, Instant.EPOCH.toEpochMilli());
            ZoneOffsetTransition change = rules.nextTransition(Instant.EPOCH.minusSeconds(1));
            while (change != null && change.getInstant().isBefore(end)) {
                out.println("change " + change.getInstant().getEpochSecond());
                long before = change.getDateTimeBefore().toInstant(ZoneOffset.UTC).toEpochMilli();
                long after = change.getDateTimeAfter().toInstant(ZoneOffset.UTC).toEpochMilli();
                long from = Math.min(before, after), to = Math.max(before, after);
                for (long local : new long[] {from - 7_200_000, from - 1, from, (from + to) / 2, to - 1, to, to + 7_200_000, to + 30L * 86_400_000}) {
                    show(out, zone, local);
                }
                change = rules.nextTransition(change.getInstant());
            }
        }
        out.flush();
    }

    static void show(PrintStream out, ZoneId zone, long local) {
        LocalDateTime time = LocalDateTime.ofInstant(Instant.ofEpochMilli(local), ZoneOffset.UTC);
        Instant instant = time.atZone(zone).toInstant();
        out.println(local + " " + instant.toEpochMilli() + " " + zone.getRules().getOffset(instant).getTotalSeconds());
    }
}
