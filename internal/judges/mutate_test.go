package judges

import (
	"encoding/json"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

func mapsKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// mutate makes a JSON value near another one.
func mutate(rng *rand.Rand, sample string) string {
	if rng.IntN(25) == 0 {
		return pick(rng, []string{`null`, `true`, `0`, `1.5`, `"x"`, `[]`, `{}`, `[null]`, `{"a":null}`, `-1`, `""`, `12345678901234567890`})
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(sample))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	out, err := json.Marshal(near(rng, v))
	if err != nil {
		panic(err)
	}
	return string(out)
}

func near(rng *rand.Rand, v any) any {
	switch v := v.(type) {
	case string:
		return nearText(rng, v)
	case json.Number:
		return nearNumber(rng, v)
	case bool:
		return rng.IntN(2) == 0
	case []any:
		return nearList(rng, v)
	case map[string]any:
		return nearObject(rng, v)
	}
	return v
}

// alphabet has what patterns trip over: other scripts, folds, controls, syntax.
var alphabet = []rune("aAzZ09 .-_/:+%,;@#$^&*()[]{}|\\?!<>=\"'~\t\n\rÄß日😀\u212A\u017F\u2028\u00A0٣\x00\x7F")

func nearText(rng *rand.Rand, s string) string {
	runes := []rune(s)
	for range rng.IntN(3) {
		at := rng.IntN(len(runes) + 1)
		r := pick(rng, alphabet)
		if len(runes) > 0 && rng.IntN(2) == 0 {
			r = pick(rng, runes)
		}
		switch op := rng.IntN(5); {
		case op == 0 || len(runes) == 0:
			runes = slices.Insert(runes, at, r)
		case op == 1:
			at = min(at, len(runes)-1)
			runes = slices.Delete(runes, at, at+1)
		case op == 2:
			runes[min(at, len(runes)-1)] = r
		case op == 3:
			runes = append(runes, runes[at:]...)
		case op == 4:
			if rng.IntN(2) == 0 {
				return strings.ToUpper(string(runes))
			}
			return strings.ToLower(string(runes))
		}
		if len(runes) > 400 {
			runes = runes[:400]
		}
	}
	return string(runes)
}

// nearNumber keeps integers spelt without a fraction: 1.0 is an integer to JSON
// Schema and none to the decoder, and no schema can tell the two apart.
func nearNumber(rng *rand.Rand, n json.Number) any {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		switch rng.IntN(8) {
		case 0:
			return json.Number(strconv.FormatInt(i, 10) + ".5")
		case 1:
			return pick(rng, []json.Number{"-0", "-129", "128", "255", "256", "65536", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616"})
		}
		return json.Number(strconv.FormatInt(i+int64(rng.IntN(7))-3, 10))
	}
	f, err := n.Float64()
	if err != nil {
		return n
	}
	return json.Number(strconv.FormatFloat(f+float64(rng.IntN(9)-4)/4, 'f', -1, 64))
}

func nearList(rng *rand.Rand, list []any) []any {
	out := []any{}
	for _, v := range list {
		for range pick(rng, []int{0, 1, 1, 1, 2}) {
			out = append(out, near(rng, v))
		}
	}
	if rng.IntN(12) == 0 {
		out = append(out, nil)
	}
	return out
}

func nearObject(rng *rand.Rand, o map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		switch rng.IntN(10) {
		case 0:
		case 1:
			out[name] = nil
		case 2:
			out[nearText(rng, name)] = near(rng, o[name])
		default:
			out[name] = near(rng, o[name])
		}
	}
	return out
}
