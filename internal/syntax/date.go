package syntax

import (
	"net/http"
	"strings"
	"time"
)

// HTTPDate reads the three forms of an HTTP-date (RFC 9110, 5.6.7): the one in use
// today, and the obsolete ones of RFC 850 and asctime. Which century the two digits of
// RFC 850 mean depends on now: not more than 50 years in its future. That the day of
// the week fits the date is not checked.
func HTTPDate(s string, now time.Time) (time.Time, bool) {
	const rfc850 = "Monday, 02-Jan-06 15:04:05 GMT"
	text, leap := strings.CutSuffix(s, ":60 GMT") // a leap second, which time.Parse does not know
	if leap {
		text += ":59 GMT"
	} else {
		text = s
	}
	for _, layout := range [...]string{http.TimeFormat, rfc850, time.ANSIC} {
		at, err := time.Parse(layout, text)
		if err != nil || !isWritten(at, layout, text) {
			continue
		}
		if layout == rfc850 {
			at = at.AddDate((now.Year()/100-at.Year()/100)*100, 0, 0)
			if at.After(now.AddDate(50, 0, 0)) {
				at = at.AddDate(-100, 0, 0)
			}
		}
		if leap {
			at = at.Add(time.Second)
		}
		return at, true
	}
	return time.Time{}, false
}

// isWritten reports whether text is, behind the name of its day, how at is written:
// time.Parse takes more, such as fractions of seconds and names in lower case.
func isWritten(at time.Time, layout, text string) bool {
	_, want, _ := strings.Cut(at.Format(layout), " ")
	_, got, _ := strings.Cut(text, " ")
	return want == got && text[0] >= 'A' && text[0] <= 'Z'
}

// IsStrictTime finds what time.Parse lets through although RFC 3339, section 5.6, does
// not: an hour of one digit, a comma before the fraction, offsets beyond 23:59. s has
// been parsed.
func IsStrictTime(s string) bool {
	if s[13] != ':' || s[19] == ',' {
		return false
	}
	if s[len(s)-1] == 'Z' {
		return true
	}
	offset := s[len(s)-len("hh:mm"):]
	return offset[:2] <= "23" && offset[3:] <= "59"
}
