import java.time.*;
import java.time.format.*;
import java.util.Locale;

/** Prints "zone|pattern|milliseconds|text" of zones that are always UTC or have an offset, and of F. */
public class ZoneTexts {
    public static void main(String[] args) {
        String[] zones = {
            "UTC", "GMT", "UT", "Z", "Etc/UTC", "Etc/GMT", "GMT0", "Zulu", "Universal", "Greenwich", "+00:00", "UTC+00:00", "GMT-0",
            "UTC+1", "GMT+01:00", "UT-2", "+01:00", "-05:30", "+02:03:04", "Europe/Berlin",
        };
        for (String zone : zones)
            for (String pattern : new String[] {"VV", "z", "zzz", "O", "OOOO", "X", "XXX", "x", "Z", "ZZZZ", "ZZZZZ"}) print(zone, pattern, 1704164645000L);
        for (int day = 0; day < 366; day++) print("UTC", "F", 1704164645000L + day * 86400000L);
    }

    static void print(String zone, String pattern, long at) {
        String text = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(Instant.ofEpochMilli(at).atZone(ZoneId.of(zone)));
        System.out.println(zone + "|" + pattern + "|" + at + "|" + text);
    }
}
