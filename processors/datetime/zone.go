package datetime

import (
	"strconv"
	"strings"
	"time"
)

// shortZones are the three-letter zones that Java defines itself.
var shortZones = map[string]string{
	"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo",
	"AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns",
	"CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis",
	"IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland",
	"PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal",
	"VST": "Asia/Ho_Chi_Minh",
}

// Zone finds a zone by its name ("Europe/London", "UTC", "PST") or offset ("Z",
// "+02:00", "GMT+2").
func Zone(name string) (*time.Location, bool) {
	if full, ok := shortZones[name]; ok {
		name = full
	}
	if loc := zeroZones[name]; loc != nil {
		return loc, true
	}
	prefix, offset := "", name
	for _, p := range [...]string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, p); ok {
			prefix, offset = p, rest
			break
		}
	}
	if offset != "" && (offset[0] == '+' || offset[0] == '-') {
		seconds, ok := offsetOf(offset)
		if seconds == 0 && prefix != "" {
			return zeroZones[prefix], ok
		}
		return fixed(prefix, seconds), ok
	}
	return loadZone(name)
}

// zeroZones are the names of UTC that are not in the database; patterns print these names.
var zeroZones = map[string]*time.Location{
	"UTC": time.UTC, "GMT": time.FixedZone("GMT", 0), "UT": time.FixedZone("UT", 0), "Z": time.FixedZone("Z", 0),
}

// fixed returns a zone with a constant offset, in seconds east of UTC.
func fixed(prefix string, seconds int) *time.Location {
	if seconds == 0 {
		return zeroZones["Z"]
	}
	return time.FixedZone(string(appendOffset([]byte(prefix), seconds, "+HH:MM:ss")), seconds)
}

// offsetOf reads +H, +HH, +HH:MM, +HHMM, +HH:MM:SS or +HHMMSS as seconds.
func offsetOf(s string) (int, bool) {
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) == 1 {
		digits = "0" + digits
	}
	if len(digits)%2 != 0 || len(digits) > 6 || digits == "" {
		return 0, false
	}
	total, unit := 0, 3600
	for i := 0; i < len(digits); i += 2 {
		n, err := strconv.ParseUint(digits[i:i+2], 10, 8)
		if err != nil || i > 0 && n > 59 {
			return 0, false
		}
		total += int(n) * unit
		unit /= 60
	}
	if s[0] == '-' {
		total = -total
	}
	return total, total >= -18*3600 && total <= 18*3600
}

// appendOffset writes an offset as Java's patterns do: MM and ss are always
// there, mm and a ss after MM only where they are not zero.
func appendOffset(dst []byte, seconds int, form string) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	two := func(n int) { dst = append(dst, '0'+byte(n/10), '0'+byte(n%10)) }
	dst = append(dst, sign)
	two(seconds / 3600)
	minutes, rest := seconds/60%60, seconds%60
	colon := strings.Contains(form, ":")
	part := func(n int) {
		if colon {
			dst = append(dst, ':')
		}
		two(n)
	}
	hasSeconds := strings.Contains(form, "ss") && rest != 0
	if strings.Contains(form, "MM") || minutes != 0 || hasSeconds {
		part(minutes)
	}
	if hasSeconds {
		part(rest)
	}
	return dst
}
