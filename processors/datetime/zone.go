package datetime

import (
	"strconv"
	"strings"
	"time"
)

// shortZones are the three-letter zones that Java knows by itself.
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
	offset := name
	for _, prefix := range [...]string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			offset = rest
			break
		}
	}
	switch {
	case name == "Z" || name == "UTC" || name == "GMT" || name == "UT":
		return time.UTC, true
	case offset != "" && (offset[0] == '+' || offset[0] == '-'):
		seconds, ok := offsetOf(offset)
		return fixed(seconds), ok
	}
	return loadZone(name)
}

// fixed is a zone that is always so many seconds east of UTC.
func fixed(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone(string(appendOffset(nil, seconds, "+HH:MM:ss")), seconds)
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
	if strings.Contains(form, "MM") || minutes != 0 {
		part(minutes)
	}
	if strings.Contains(form, "ss") && rest != 0 {
		part(rest)
	}
	return dst
}
