package typedtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"net/url"
	"path"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// drawer draws values that the schemas of a document allow, or nearly: what a schema cannot
// be drawn by, such as not, is left to the engine that judges what was drawn.
type drawer struct {
	*suite
	rng      *rand.Rand
	known    map[string][]string // texts of earlier answers, by the names of their members
	together []map[string]string // path values and texts of answers that were seen in one exchange
	etags    map[string]string   // of the last answers, by their paths
	values   map[string][]string // Options.Values
	fullness int                 // of what may be left out: 0 none, 1 some, 2 all
}

func pick[T any](d *drawer, from []T) T { return from[d.rng.IntN(len(from))] }

// oneIn is true once in n times.
func (d *drawer) oneIn(n int) bool { return d.rng.IntN(n) == 0 }

// value draws a value; name is that of its member or parameter.
func (d *drawer) value(name string, node any, depth int) any {
	if v, ok := d.member(name, node); ok {
		return v
	}
	object := d.merged(node)
	if len(object) == 0 {
		return pick[any](d, []any{d.word(), json.Number("1"), true, map[string]any{}})
	}
	if list, ok := object["enum"].([]any); ok && len(list) > 0 {
		return pick(d, list)
	}
	if v, ok := object["const"]; ok {
		return v
	}
	if examples := examplesOf(object); len(examples) > 0 && d.oneIn(3) {
		return pick(d, examples)
	}
	switch d.kind(object) {
	case "null":
		return nil
	case "boolean":
		return d.oneIn(2)
	case "integer":
		return d.integer(object)
	case "number":
		return d.number(object)
	case "array":
		return d.array(name, object, depth)
	case "object":
		return d.object(object, depth)
	}
	return d.text(name, object)
}

// merged is a schema with what it refers to, and one of what it may be.
func (d *drawer) merged(node any) map[string]any {
	object, ok := d.resolve(node).(map[string]any)
	if !ok {
		return nil
	}
	parts := slices.Clone(asList(object["allOf"]))
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if list := asList(object[keyword]); len(list) > 0 {
			choice := pick(d, list)
			if isNull(choice) && len(list) > 1 && !d.oneIn(3) {
				choice = list[0]
			}
			parts = append(parts, choice)
		}
	}
	if len(parts) == 0 {
		return object
	}
	out := maps.Clone(object)
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		delete(out, keyword)
	}
	for _, part := range parts {
		for name, v := range d.merged(part) {
			switch have := out[name].(type) {
			case map[string]any: // properties
				if v, ok := v.(map[string]any); ok {
					have = maps.Clone(have)
					maps.Copy(have, v)
					out[name] = have
				}
			case []any:
				if name == "required" {
					out[name] = append(slices.Clone(have), asList(v)...)
				} else {
					out[name] = v
				}
			default:
				out[name] = v
			}
		}
	}
	return out
}

func asList(v any) []any { list, _ := v.([]any); return list }

func isNull(node any) bool {
	object, _ := node.(map[string]any)
	return object["type"] == "null"
}

func (d *drawer) kind(object map[string]any) string {
	switch t := object["type"].(type) {
	case string:
		return t
	case []any:
		if kind := pick(d, t).(string); kind != "null" || d.oneIn(3) {
			return kind
		}
		return t[0].(string)
	}
	for _, implied := range [][2]string{{"properties", "object"}, {"additionalProperties", "object"}, {"items", "array"}, {"minimum", "number"}, {"maximum", "number"}} {
		if _, ok := object[implied[0]]; ok {
			return implied[1]
		}
	}
	return "string"
}

// bounds are the least and the greatest whole number that a schema allows; nil: there is
// none, or none that is drawn.
func bounds(object map[string]any) (least, most *big.Int) {
	read := func(name string, up bool) *big.Int {
		n, ok := object[name].(json.Number)
		if !ok {
			return nil
		}
		f, ok := new(big.Float).SetPrec(100).SetString(n.String())
		if !ok {
			return nil
		}
		i, accuracy := f.Int(nil)
		switch {
		case i.BitLen() > 65: // floats are rounded there
			return nil
		case up && accuracy == big.Below:
			i.Add(i, big.NewInt(1))
		case !up && accuracy == big.Above:
			i.Sub(i, big.NewInt(1))
		}
		return i
	}
	least, most = read("minimum", true), read("maximum", false)
	if v := read("exclusiveMinimum", false); v != nil {
		least = v.Add(v, big.NewInt(1))
	}
	if v := read("exclusiveMaximum", true); v != nil {
		most = v.Sub(v, big.NewInt(1))
	}
	return least, most
}

func (d *drawer) integer(object map[string]any) any {
	least, most := bounds(object)
	n := big.NewInt(int64(d.rng.IntN(20)))
	switch {
	case least != nil && d.oneIn(8):
		n = least
	case most != nil && d.oneIn(8):
		n = most
	case least != nil && least.Sign() > 0:
		n.Add(n, least)
	case most != nil && most.Sign() < 0:
		n.Sub(most, n)
	case d.oneIn(8) && (least == nil || least.Sign() < 0):
		n.Neg(n)
	}
	if m, ok := new(big.Int).SetString(plain(object["multipleOf"]), 10); ok && m.Sign() > 0 {
		n.Mul(m, n.Div(n, m))
		if least != nil && n.Cmp(least) < 0 {
			n.Add(n, m)
		}
	}
	if most != nil && n.Cmp(most) > 0 {
		n = most
	}
	return json.Number(n.String())
}

func (d *drawer) number(object map[string]any) any {
	least, most := bounds(object)
	if d.oneIn(3) && (least == nil || most == nil || least.Cmp(most) <= 0) {
		return d.integer(object)
	}
	f := float64(d.rng.IntN(40)) / 4
	if least != nil && least.Sign() > 0 {
		low, _ := new(big.Float).SetInt(least).Float64()
		f += low
	}
	if most != nil {
		high, _ := new(big.Float).SetInt(most).Float64()
		f = min(f, high)
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
}

// length draws a length between two keywords, now and then at one of them.
func (d *drawer) length(object map[string]any, least, most string, usual int) int {
	from, to := 0, -1
	if n, err := strconv.Atoi(plain(object[least])); err == nil {
		from = n
	}
	if n, err := strconv.Atoi(plain(object[most])); err == nil {
		to = n
	}
	switch {
	case d.oneIn(8):
		return from
	case to >= 0 && to <= 5000 && d.oneIn(8):
		return to
	}
	n := from + d.rng.IntN(usual+1)
	if to >= 0 {
		n = min(n, to)
	}
	return n
}

func (d *drawer) array(name string, object map[string]any, depth int) any {
	out := []any{}
	usual := 3
	if depth > 3 {
		usual = 0
	}
	n := d.length(object, "minItems", "maxItems", usual)
	for tries := 0; len(out) < n && tries < 3*n+10; tries++ {
		v := d.value(name, object["items"], depth+1)
		if object["uniqueItems"] == true && slices.ContainsFunc(out, func(have any) bool { return string(encode(have)) == string(encode(v)) }) {
			continue
		}
		out = append(out, v)
	}
	return out
}

func (d *drawer) object(object map[string]any, depth int) any {
	out := map[string]any{}
	properties, _ := object["properties"].(map[string]any)
	required := asList(object["required"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		wanted := d.fullness == 2 && depth < 4 || d.fullness == 1 && d.oneIn(2) && depth < 5
		if wanted || slices.Contains(required, any(name)) {
			out[name] = d.value(name, properties[name], depth+1)
		}
	}
	if elem, ok := object["additionalProperties"]; ok && elem != false {
		for i := range d.length(object, "minProperties", "maxProperties", 2) {
			key := fmt.Sprint("key", i)
			if names := object["propertyNames"]; names != nil {
				key = plain(d.value("", names, depth+1))
			}
			if key = drawn.ReplaceAllString(key, "key"); properties[key] == nil { // problems may name it
				out[key] = d.value("", elem, depth+1)
			}
		}
	}
	return out
}

// word is a text of its own kind: see drawn.
func (d *drawer) word() string {
	b := []byte("zq")
	for range 6 {
		b = append(b, byte('a'+d.rng.IntN(26)))
	}
	return string(b)
}

// odd are texts that programs stumble over.
var odd = []string{"é", "日本", "😀", `"`, "'", "<b>", "&", "%", `\`, " ", "+", ";", ",", "\n", "null", "0", "ſ", "\u2028"}

// text draws a text: one of an earlier answer, of the format or pattern, or any.
func (d *drawer) text(name string, object map[string]any) any {
	if texts := d.recall(name); len(texts) > 0 && d.oneIn(3) {
		return pick(d, texts)
	}
	pattern, _ := object["pattern"].(string)
	format, _ := object["format"].(string)
	switch {
	case format == "date-time":
		return fmt.Sprintf("20%02d-%02d-%02dT%02d:30:00Z", d.rng.IntN(100), 1+d.rng.IntN(12), 1+d.rng.IntN(28), d.rng.IntN(24))
	case format == "date":
		return fmt.Sprintf("20%02d-%02d-%02d", d.rng.IntN(100), 1+d.rng.IntN(12), 1+d.rng.IntN(28))
	case format == "time":
		return fmt.Sprintf("%02d:%02d:00Z", d.rng.IntN(24), d.rng.IntN(60))
	case format == "email":
		return d.word() + "@example.com"
	case format == "uri" && pattern == "", format == "uri-reference", strings.Contains(plain(object["x-validate"]), "url"):
		return "https://example.com/" + d.word()
	case format == "ipv4":
		return fmt.Sprintf("192.0.2.%d", d.rng.IntN(256))
	case format == "ipv6":
		return fmt.Sprintf("2001:db8::%x", d.rng.IntN(1<<16))
	case format == "uuid" && pattern == "":
		return fmt.Sprintf("%08x-0000-4000-8000-%012x", d.rng.Uint32(), d.rng.Uint32())
	case format == "hostname" && pattern == "":
		return d.word() + ".example.com"
	case pattern != "":
		for range 20 {
			text := d.pattern(pattern)
			if n := utf8.RuneCountInString(text); fits(n, object) {
				return text
			}
		}
	}
	n := d.length(object, "minLength", "maxLength", 12)
	return d.long(n)
}

func fits(n int, object map[string]any) bool {
	least, err := strconv.Atoi(plain(object["minLength"]))
	most, err2 := strconv.Atoi(plain(object["maxLength"]))
	return (err != nil || n >= least) && (err2 != nil || n <= most)
}

// long is a text of n characters, which has a word where there is room for one.
func (d *drawer) long(n int) string {
	text := d.word()
	if n > 10 && d.oneIn(2) {
		text += pick(d, odd)
	}
	if have := utf8.RuneCountInString(text); have < n {
		text += strings.Repeat("x", n-have)
	}
	return string([]rune(text)[:n])
}

// pattern draws a text that a pattern matches; "" where that is beyond it.
func (d *drawer) pattern(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	d.match(&b, re.Simplify())
	return b.String()
}

func (d *drawer) match(b *strings.Builder, re *syntax.Regexp) {
	repeat := func(least, most int) {
		for range least + d.rng.IntN(most-least+1) {
			d.match(b, re.Sub[0])
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := 2 * d.rng.IntN(len(re.Rune)/2)
		low, high := re.Rune[i], re.Rune[i+1]
		if low < ' ' && high >= ' ' {
			low = ' '
		}
		if high > '~' && low <= '~' {
			high = '~'
		}
		b.WriteRune(low + d.rng.Int32N(high-low+1))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte('a' + d.rng.IntN(26)))
	case syntax.OpStar:
		repeat(0, 4)
	case syntax.OpPlus:
		repeat(1, 5)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			d.match(b, sub)
		}
	case syntax.OpAlternate:
		d.match(b, pick(d, re.Sub))
	case syntax.OpCapture:
		d.match(b, re.Sub[0])
	}
}

// samples begin as the contents of files of these media types do.
var samples = map[string]string{
	"image/png": "\x89PNG\r\n\x1a\n", "image/jpeg": "\xff\xd8\xff\xe0", "image/gif": "GIF89a", "image/*": "\x89PNG\r\n\x1a\n",
	"application/pdf": "%PDF-1.4\n", "text/plain": "a text", "text/csv": "a,b\n", "text/*": "a text", "application/zip": "PK\x03\x04",
	"video/webm": "\x1aE\xdf\xa3", "application/octet-stream": "bytes", "*/*": "bytes", "application/json": "{}",
}

// file draws a file of one of the media types.
func (d *drawer) file(accept string) any {
	for mediaType := range strings.SplitSeq(accept, ",") {
		if sample, ok := samples[strings.TrimSpace(mediaType)]; ok {
			return sample + d.word()
		}
	}
	return d.word()
}

// argument draws what is sent of a parameter; false: nothing that can be said.
func (d *drawer) argument(p *param) (argument, bool) {
	if p.file != "" {
		a := argument{param: p, value: d.file(p.file)}
		if object := d.merged(p.schema.node); object["type"] == "array" {
			a.value = []any{a.value}
		}
		return a, true
	}
	for range 20 {
		if a, ok := d.given(p); ok {
			return a, true
		}
		a := argument{param: p, value: d.value(p.name, p.schema.node, 1)}
		if known := d.recall(p.name); len(known) > 0 && !d.oneIn(3) && p.in != "form" {
			text := pick(d, known)
			a.text = &text
			if v, _ := d.judgeArgument(a); v != valid {
				a.text = nil
			}
		}
		if v, _ := d.judgeArgument(a); v == invalid || a.text == nil && a.value == nil || !a.sayable() {
			continue
		}
		return a, true
	}
	return argument{}, false
}

// sayable reports whether an argument arrives as it is.
func (a argument) sayable() bool {
	if list, ok := a.value.([]any); ok && a.text == nil {
		return len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return !sayable(a.in, plain(v), a.list) })
	}
	_, texts := a.texts()
	return !slices.ContainsFunc(texts, func(text string) bool { return !sayable(a.in, text, a.list) }) &&
		(a.in != "path" || !strings.Contains(texts[0], "/") || a.rest && path.Clean("/"+texts[0]) == "/"+texts[0])
}

// request draws a request that the document allows; nil: it was not to be found.
func (d *drawer) request(o *operation) *request {
	r := &request{op: o, method: o.Method}
	if b := o.body; b != nil {
		r.hasBody = b.required || d.fullness > 0
		r.mediaType = strings.ReplaceAll(pick(d, b.mediaTypes), "/*", "/png")
		if r.mediaType == "*/png" {
			r.mediaType = "application/octet-stream"
		}
	}
	related := d.related(o)
	for _, p := range o.params {
		wanted := p.required || p.in == "path" || d.fullness == 2 || d.fullness == 1 && d.oneIn(2)
		if !wanted || p.in == "form" && !r.hasBody {
			continue
		}
		a, ok := d.argument(p)
		if text := related[p.name]; text != "" && p.in == "path" {
			was := a
			if a = (argument{param: p, text: &text}); !a.sayable() {
				a = was
			}
		}
		switch {
		case ok:
			r.arguments = append(r.arguments, a)
		case p.required || p.in == "path":
			return nil
		}
	}
	if r.hasBody && !d.drawBody(r) {
		return nil
	}
	d.ifMatch(r)
	return r
}

func (d *drawer) drawBody(r *request) bool {
	b := r.op.body
	switch b.kind {
	case bind.FormBody, bind.MultipartBody:
		return true
	case bind.LinesBody:
		list := []any{}
		for range d.rng.IntN(3) {
			if v := d.value("", b.item.node, 0); d.check(b.item, v) == nil {
				list = append(list, v)
			}
		}
		r.value = list
		return true
	case bind.RawBody, bind.StreamBody:
		r.value = d.file(r.mediaType)
		return true
	}
	for range 20 {
		if r.value = d.value("", b.schema.node, 0); d.check(b.schema, r.value) == nil {
			return true
		}
	}
	return false
}

// learn keeps what an answer says for later requests.
func (d *drawer) learn(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			d.learn(member, v[member])
		}
	case []any:
		for _, inner := range v[:min(len(v), 20)] {
			d.learn(name, inner)
		}
	case string:
		d.keep(name, v)
	case json.Number:
		d.keep(name, v.String())
	}
}

// learnLink keeps the path values of a link to an endpoint.
func (d *drawer) learnLink(link string) {
	u, err := url.Parse(link)
	if err != nil {
		return
	}
	op, _ := hook.Routed(d.api, "GET", u.EscapedPath()).(*typed.Operation)
	if op == nil {
		return
	}
	segments := strings.Split(strings.TrimPrefix(u.EscapedPath(), d.api.BasePath()), "/")
	for i, segment := range strings.Split(op.Path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok && i < len(segments) {
			if text, err := url.PathUnescape(segments[i]); err == nil {
				d.keep(strings.TrimSuffix(name, "}"), text)
			}
		}
	}
}

// normal is a name as it is looked for: userId is user_id is UserID.
func normal(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

const remembered = 20

func (d *drawer) keep(name, text string) {
	name = normal(name)
	if name == "" || text == "" || len(text) > 200 || slices.Contains(d.known[name], text) {
		return
	}
	if len(d.known[name]) >= remembered {
		d.known[name] = d.known[name][1:]
	}
	d.known[name] = append(d.known[name], text)
}

// recall are the texts of earlier answers for a name: of userId, those of id as well.
func (d *drawer) recall(name string) []string {
	name = normal(name)
	if texts := d.known[name]; len(texts) > 0 {
		return texts
	}
	if strings.HasSuffix(name, "id") {
		return d.known["id"]
	}
	return nil
}
