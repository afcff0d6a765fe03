package jsonx

import (
	"math"
	"strconv"
	"time"
)

// appendFloat appends f, which is finite, as ECMAScript writes numbers, except that
// -0 stays -0.
func appendFloat(dst []byte, f float64, bits int) []byte {
	// Integers below this bound have neighbours at most one apart, so that their
	// shortest form is the integer itself.
	bound := float64(1 << 53)
	if bits == 32 {
		bound = 1 << 24
	}
	abs := math.Abs(f)
	if abs < bound {
		if n := int64(f); float64(n) == f && (n != 0 || !math.Signbit(f)) {
			return appendInt(dst, n)
		}
	}
	// A decimal of at most 15 digits that rounds to f is the only one of that length,
	// and so the shortest.
	const millions = 1_000_000
	if n := uint64(abs*millions + 0.5); bits == 64 && abs < 1e9 && n > 0 && float64(n)/millions == abs {
		if f < 0 {
			dst = append(dst, '-')
		}
		return appendMillionths(appendInt(dst, int64(n/millions)), uint32(n%millions))
	}
	format := byte('f')
	if abs != 0 && (bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	if n := len(dst); format == 'e' && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-07 is e-7
		dst = dst[:n-1]
	}
	return dst
}

// appendMillionths appends a point and n millionths, which are not 0, without
// trailing zeros.
func appendMillionths(dst []byte, n uint32) []byte {
	const zeros = ".000000"
	end := len(zeros)
	for n%10 == 0 {
		n /= 10
		end--
	}
	dst = append(dst, zeros[:end]...)
	for at := len(dst) - 1; n > 0; at-- {
		dst[at] += byte(n % 10)
		n /= 10
	}
	return dst
}

// appendDuration appends d as time.Duration.String writes it, without its allocation.
func appendDuration(dst []byte, d time.Duration) []byte {
	n := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		n = -n
	}
	const second = uint64(time.Second)
	switch {
	case n == 0:
		return append(dst, "0s"...)
	case n < uint64(time.Microsecond):
		return append(strconv.AppendUint(dst, n, 10), "ns"...)
	case n < uint64(time.Millisecond):
		return append(appendFraction(dst, n, uint64(time.Microsecond)), "µs"...)
	case n < second:
		return append(appendFraction(dst, n, uint64(time.Millisecond)), "ms"...)
	}
	if h := n / (3600 * second); h > 0 {
		dst = append(strconv.AppendUint(dst, h, 10), 'h')
	}
	if m := n / (60 * second); m > 0 {
		dst = append(strconv.AppendUint(dst, m%60, 10), 'm')
	}
	return append(appendFraction(dst, n%(60*second), second), 's')
}

// appendFraction appends n/unit in decimals, unit being a power of ten, without
// trailing zeros.
func appendFraction(dst []byte, n, unit uint64) []byte {
	dst = strconv.AppendUint(dst, n/unit, 10)
	if n %= unit; n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; n > 0; n %= unit {
		unit /= 10
		dst = append(dst, '0'+byte(n/unit))
	}
	return dst
}
