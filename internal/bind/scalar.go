package bind

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// scalar reads and writes the text of one value. What it accepts is what a document
// can promise: numbers as JSON writes them (leading zeros apart), true and false, no
// NaN and no infinity.
type scalar struct {
	kind scalarKind
	bits uint8
	more *jsonForm // of the kind formatted; of the kind own, for its detail alone
}

type scalarKind uint8

const (
	unsupported scalarKind = iota
	text
	boolean
	checkbox // boolean, and "on"
	integer
	unsigned
	float
	number    // json.Number
	instant   // time.Time, RFC 3339
	httpDate  // time.Time, RFC 9110, 5.6.7
	duration  // time.Duration, 1h30m
	formatted // as a format of json's says
	own       // encoding.TextUnmarshaler
)

// verdict is what parsing says of a text.
type verdict uint8

const (
	fits verdict = iota
	malformed
	outOfRange
	notUTF8
	tooLong
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	numberType      = reflect.TypeFor[json.Number]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func scalarOf(t reflect.Type) scalar {
	switch {
	case t == timeType:
		return scalar{kind: instant}
	case t == durationType:
		return scalar{kind: duration}
	case t == numberType:
		return scalar{kind: number}
	case t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(unmarshalerType):
		return scalar{kind: own}
	}
	switch t.Kind() {
	case reflect.String:
		return scalar{kind: text}
	case reflect.Bool:
		return scalar{kind: boolean}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalar{kind: integer, bits: uint8(t.Bits())}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar{kind: unsigned, bits: uint8(t.Bits())}
	case reflect.Float32, reflect.Float64:
		return scalar{kind: float, bits: uint8(t.Bits())}
	}
	return scalar{}
}

// hasCommas reports whether the text of a value may hold a comma.
func (sc *scalar) hasCommas() bool {
	return sc.kind == text || sc.kind == own || sc.kind == formatted || sc.kind == httpDate
}

// parse sets v, which must be settable, to what s says.
func (sc *scalar) parse(v reflect.Value, s string) verdict {
	switch sc.kind {
	case text:
		if !utf8.ValidString(s) {
			return notUTF8
		}
		v.SetString(s)
	case boolean, checkbox:
		yes := s == "true" || s == "on" && sc.kind == checkbox
		if !yes && s != "false" {
			return malformed
		}
		v.SetBool(yes)
	case integer:
		n, err := strconv.ParseInt(s, 10, int(sc.bits))
		if err != nil || s[0] == '+' {
			return numberVerdict(err)
		}
		v.SetInt(n)
	case unsigned:
		n, err := strconv.ParseUint(strings.TrimPrefix(s, "-"), 10, int(sc.bits))
		switch {
		case err != nil:
			return numberVerdict(err)
		case n != 0 && s[0] == '-':
			return outOfRange
		}
		v.SetUint(n)
	case float:
		if !isNumber(s) {
			return malformed
		}
		n, err := strconv.ParseFloat(s, int(sc.bits))
		if err != nil {
			return numberVerdict(err)
		}
		v.SetFloat(n)
	case number:
		if !isNumber(s) {
			return malformed
		}
		if jsonx.IsLongNumber([]byte(s), numberType) {
			return tooLong
		}
		v.SetString(syntax.TrimZeros(s))
	case instant:
		at, err := time.Parse(time.RFC3339, s)
		if err != nil || !syntax.IsStrictTime(s) {
			return malformed
		}
		*v.Addr().Interface().(*time.Time) = at
	case duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return malformed
		}
		v.SetInt(int64(d))
	default:
		return sc.parseRare(v, s)
	}
	return fits
}

// parseRare parses the kinds whose form is not their own.
func (sc *scalar) parseRare(v reflect.Value, s string) verdict {
	if !utf8.ValidString(s) {
		return notUTF8
	}
	ok := false
	switch target := v.Addr().Interface(); sc.kind {
	case httpDate:
		*target.(*time.Time), ok = syntax.HTTPDate(s, time.Now())
	case formatted:
		return sc.more.parse(v, s)
	case own:
		if jsonx.IsLongNumber([]byte(s), v.Type()) {
			return tooLong
		}
		ok = target.(encoding.TextUnmarshaler).UnmarshalText([]byte(s)) == nil
	}
	if !ok {
		return malformed
	}
	return fits
}

func numberVerdict(err error) verdict {
	if errors.Is(err, strconv.ErrRange) {
		return outOfRange
	}
	return malformed
}

// isNumber is the grammar of RFC 8259, section 6, which has none of the words, signs
// and bases of strconv, but allows leading zeros.
func isNumber(s string) bool { return jsonx.IsNumber(syntax.TrimZeros(s)) }

// explain is the rule that a text broke and the end of a sentence about it.
func (sc *scalar) explain(v verdict) (rule, detail string) {
	switch {
	case v == notUTF8:
		return "utf8", "must be valid UTF-8"
	case v == outOfRange:
		return "range", sc.explainRange()
	case v == tooLong:
		return "digits", jsonx.LongNumberDetail
	}
	switch sc.kind {
	case boolean:
		return "type", "must be true or false"
	case checkbox:
		return "type", "must be on, true or false"
	case integer, unsigned:
		return "type", "must be a whole number"
	case float, number:
		return "type", "must be a number"
	case instant:
		return "format", "must be a date and time as RFC 3339 writes them, such as 2006-01-02T15:04:05Z"
	case httpDate:
		return "format", "must be a date and time as HTTP writes them, such as " + http.TimeFormat
	case duration:
		return "format", "must be a duration, such as 1h30m"
	}
	return "format", sc.more.detail
}

func (sc *scalar) explainRange() string {
	switch sc.kind {
	case formatted:
		return sc.more.beyond
	case integer:
		most := int64(math.MaxInt64) >> (64 - sc.bits)
		return fmt.Sprintf("must be a whole number from %d to %d", -most-1, most)
	case unsigned:
		return fmt.Sprintf("must be a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-sc.bits))
	}
	return fmt.Sprintf("must be a number that fits %d bits", sc.bits)
}

// append writes v so that parse reads it back.
func (sc *scalar) append(dst []byte, v reflect.Value) []byte {
	switch sc.kind {
	case text, number:
		return append(dst, v.String()...)
	case boolean, checkbox:
		return strconv.AppendBool(dst, v.Bool())
	case integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case unsigned:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case float:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, int(sc.bits))
	case instant:
		return appendInstant(dst, v.Interface().(time.Time))
	case httpDate:
		return v.Interface().(time.Time).UTC().AppendFormat(dst, http.TimeFormat)
	case formatted:
		return sc.more.append(dst, v)
	case duration:
		return append(dst, time.Duration(v.Int()).String()...)
	}
	return appendOwn(dst, v)
}

// appendInstant writes an instant in UTC where RFC 3339 has no form for its zone: offsets
// have no seconds there, and are less than a day.
func appendInstant(dst []byte, at time.Time) []byte {
	const day = 24 * 60 * 60
	if _, offset := at.Zone(); offset%60 != 0 || offset <= -day || offset >= day {
		at = at.UTC()
	}
	return at.AppendFormat(dst, time.RFC3339Nano)
}

// appendOwn writes a type that reads text of its own: the inverse is MarshalText, and
// String for types that leave it at that.
func appendOwn(dst []byte, v reflect.Value) []byte {
	// Methods may be on the pointer, and v need not be addressable.
	ptr := reflect.New(v.Type())
	ptr.Elem().Set(v)
	switch value := ptr.Interface().(type) {
	case encoding.TextMarshaler:
		if b, err := value.MarshalText(); err == nil {
			return append(dst, b...)
		}
	case fmt.Stringer:
		return append(dst, value.String()...)
	}
	if v.Kind() == reflect.String {
		return append(dst, v.String()...)
	}
	return fmt.Append(dst, v.Interface())
}

// jsonForm reads and writes values by a format of json's, which it leaves to the JSON
// codec, so that the two cannot differ.
type jsonForm struct {
	box     reflect.Type // a struct with one member of the format, v
	decoder *jsonx.Decoder
	encode  jsonx.Encoder
	number  bool   // the format writes a number
	detail  string // what is wrong with a text that does not fit
	beyond  string // what is wrong with a number beyond those of the format
}

// newJSONForm makes the form of a format for type t.
func newJSONForm(t reflect.Type, format string) (*jsonForm, error) {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(format)
	f := &jsonForm{box: reflect.StructOf([]reflect.StructField{
		{Name: "V", Type: t, Tag: reflect.StructTag(`json:` + strconv.Quote("v,format:'"+quoted+"'"))},
	})}
	var err error
	if f.decoder, err = jsonx.NewDecoder(f.box, jsonx.Options{}); err != nil {
		return nil, err
	}
	if f.encode, err = jsonx.NewEncoder(f.box); err != nil {
		return nil, err
	}
	sample, err := f.encode(nil, reflect.New(f.box).Elem().Interface())
	if err != nil {
		return nil, err
	}
	f.number = sample[len(formPrefix)] != '"'
	f.detail, f.beyond = f.complaint(`"?"`), f.complaint(farAway)
	return f, nil
}

// farAway is a number beyond those of any format.
const farAway = "999999999999999999999999999999"

// complaint is what is wrong with a JSON value.
func (f *jsonForm) complaint(value string) string {
	if err := f.decoder.Decode([]byte(formPrefix+value+"}"), reflect.New(f.box).Interface()); err != nil && err.Detail != "" {
		return err.Detail
	}
	return "has the wrong format"
}

const formPrefix = `{"v":`

func (f *jsonForm) parse(v reflect.Value, s string) verdict {
	content := append(make([]byte, 0, len(formPrefix)+len(s)+3), formPrefix...)
	switch {
	case !f.number:
		content = syntax.AppendString(content, s)
	case isNumber(s):
		content = append(content, s...)
	default:
		return malformed
	}
	box := reflect.New(f.box)
	if err := f.decoder.Decode(append(content, '}'), box.Interface()); err != nil {
		if err.Rule == "range" {
			return outOfRange
		}
		return malformed
	}
	v.Set(box.Elem().Field(0))
	return fits
}

func (f *jsonForm) append(dst []byte, v reflect.Value) []byte {
	box := reflect.New(f.box).Elem()
	box.Field(0).Set(v)
	content, err := f.encode(nil, box.Interface())
	if err != nil {
		return dst // a year that the format cannot write; the server refuses the empty text
	}
	content = content[len(formPrefix) : len(content)-1]
	if f.number {
		return append(dst, content...)
	}
	var s string
	_ = json.Unmarshal(content, &s) // the codec has just written it
	return append(dst, s...)
}
