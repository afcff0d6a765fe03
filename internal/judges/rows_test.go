package judges

import "time"

// rows has each tag of the table in docs/guide/openapi.md on each kind of value that
// it applies to. Samples are JSON values from which random ones are made.
func rows() []*row {
	return []*row{
		// presence
		exact[struct {
			V string `json:"v" validate:"required"`
		}](`"a"`, `""`),
		exact[struct {
			V int `json:"v" validate:"required"`
		}](`1`, `0`),
		exact[struct {
			V uint8 `json:"v" validate:"required"`
		}](`1`, `0`, `255`, `256`, `-1`),
		exact[struct {
			V float64 `json:"v" validate:"required"`
		}](`1.5`, `0`),
		exact[struct {
			V bool `json:"v" validate:"required"`
		}](`true`, `false`),
		exact[struct {
			V *int `json:"v" validate:"required"`
		}](`1`, `0`),
		exact[struct {
			V *bool `json:"v" validate:"required"`
		}](`true`, `false`),
		exact[struct {
			V []string `json:"v" validate:"required"`
		}](`["a"]`, `[]`),
		exact[struct {
			V map[string]int `json:"v" validate:"required"`
		}](`{"a":1}`, `{}`),
		exact[struct {
			V struct {
				A int `json:"a"`
			} `json:"v" validate:"required"`
		}](`{"a":1}`, `{"a":0}`, `{}`),
		loose[struct { // a number that float64 does not hold is refused, which no schema says
			V any `json:"v" validate:"required"`
		}](`1`, `"a"`, `[]`, `{}`),
		exact[struct {
			V [2]int `json:"v" validate:"required"`
		}](`[0,0]`, `[1,0]`, `[1]`),
		exact[struct {
			V time.Time `json:"v" validate:"required"`
		}](`"2024-02-29T12:00:00Z"`, `"0001-01-01T00:00:00Z"`, `"2023-02-29T12:00:00Z"`, `"2024-01-01T00:00:00.123+02:00"`),
		exact[struct {
			V string `json:"v" validate:"isdefault"`
		}](`""`, `"a"`),
		exact[struct {
			V int `json:"v" validate:"isdefault"`
		}](`0`, `1`),

		// omit
		exact[struct {
			V string `json:"v" validate:"omitempty,min=3"`
		}](`""`, `"ab"`, `"abc"`),
		exact[struct {
			V *string `json:"v" validate:"omitempty,min=3"`
		}](`""`, `"ab"`, `"abc"`),
		exact[struct {
			V *string `json:"v" validate:"omitnil,min=3"`
		}](`""`, `"ab"`, `"abc"`),
		exact[struct {
			V *string `json:"v" validate:"omitzero,min=3"`
		}](`""`, `"ab"`, `"abc"`),
		exact[struct {
			V *string `json:"v" validate:"min=3"`
		}](`""`, `"ab"`, `"abc"`),
		exact[struct {
			V int `json:"v" validate:"omitempty,gte=5,lte=9"`
		}](`0`, `5`, `9`),
		exact[struct {
			V []string `json:"v" validate:"omitempty,min=2"`
		}](`[]`, `["a","b"]`),
		exact[struct {
			V []string `json:"v" validate:"omitzero,min=2"`
		}](`[]`, `["a","b"]`),
		exact[struct {
			V map[string]int `json:"v" validate:"omitzero,min=2"`
		}](`{}`, `{"a":1,"b":2}`),
		exact[struct {
			V bool `json:"v" validate:"omitempty,eq=true"`
		}](`true`, `false`),

		// lengths and amounts
		exact[struct {
			V string `json:"v" validate:"len=3"`
		}](`"abc"`, `"äöü"`, `"😀😀😀"`),
		exact[struct {
			V string `json:"v" validate:"min=2,max=4"`
		}](`"ab"`, `"abcd"`),
		exact[struct {
			V string `json:"v" validate:"gt=2,lt=5"`
		}](`"abc"`, `"ab"`, `"abcde"`),
		exact[struct {
			V string `json:"v" validate:"min=010"`
		}](`"abcdefgh"`, `"abcdefg"`),
		exact[struct {
			V string `json:"v" validate:"eq=abc"`
		}](`"abc"`, `"abcd"`),
		exact[struct {
			V string `json:"v" validate:"ne=abc"`
		}](`"abc"`, `"abcd"`),
		exact[struct {
			V int8 `json:"v" validate:"min=-3,max=4"`
		}](`-3`, `4`, `300`, `-300`),
		exact[struct {
			V int64 `json:"v" validate:"gt=-3,lt=4"`
		}](`-3`, `-2`, `3`, `4`),
		exact[struct {
			V uint16 `json:"v" validate:"gte=3,lte=0x10"`
		}](`3`, `16`, `17`),
		exact[struct {
			V int `json:"v" validate:"eq=7"`
		}](`7`, `8`),
		exact[struct {
			V int `json:"v" validate:"ne=7"`
		}](`7`, `8`),
		exact[struct {
			V int `json:"v" validate:"len=7"`
		}](`7`, `8`),
		exact[struct {
			V uint `json:"v" validate:"ne=0"`
		}](`0`, `8`),
		exact[struct {
			V float64 `json:"v" validate:"gt=0.5,lt=1.5"`
		}](`0.5`, `1`, `1.5`),
		exact[struct {
			V float32 `json:"v" validate:"gte=0.5,lte=1.5"`
		}](`0.5`, `1`, `1.5`),
		exact[struct {
			V float64 `json:"v" validate:"eq=2.5"`
		}](`2.5`, `2.6`),
		exact[struct {
			V float64 `json:"v" validate:"ne=2.5"`
		}](`2.5`, `2.6`),
		exact[struct {
			V bool `json:"v" validate:"eq=true"`
		}](`true`, `false`),
		exact[struct {
			V bool `json:"v" validate:"ne=true"`
		}](`true`, `false`),
		exact[struct {
			V []int `json:"v" validate:"len=2"`
		}](`[1,2]`),
		exact[struct {
			V []int `json:"v" validate:"min=1,max=2"`
		}](`[1,2]`, `[]`),
		exact[struct {
			V []int `json:"v" validate:"gt=1,lt=3"`
		}](`[1,2]`, `[]`),
		exact[struct {
			V []int `json:"v" validate:"eq=2"`
		}](`[1,2]`),
		exact[struct {
			V []int `json:"v" validate:"ne=2"`
		}](`[1,2]`),
		exact[struct {
			V map[string]int `json:"v" validate:"min=1,max=2"`
		}](`{"a":1,"b":2}`),
		exact[struct {
			V map[string]int `json:"v" validate:"len=1"`
		}](`{"a":1}`),
		exact[struct {
			V []string `json:"v" validate:"unique"`
		}](`["a","b"]`, `["a","a"]`),
		exact[struct {
			V []int `json:"v" validate:"unique"`
		}](`[1,2]`, `[1,1]`),

		// elements
		exact[struct {
			V []string `json:"v" validate:"dive,required,max=3"`
		}](`["a"]`, `[""]`, `["abcd"]`),
		exact[struct {
			V []*string `json:"v" validate:"dive,required"`
		}](`["a"]`, `[null]`),
		exact[struct {
			V []*string `json:"v" validate:"dive,omitempty,min=2"`
		}](`["ab"]`, `[null]`, `["a"]`),
		exact[struct {
			V [][]string `json:"v" validate:"max=2,dive,min=1,dive,alpha"`
		}](`[["a"]]`, `[[]]`, `[["1"]]`),
		exact[struct {
			V map[string]int `json:"v" validate:"dive,keys,alpha,endkeys,gt=0"`
		}](`{"a":1}`, `{"a":0}`, `{"1":1}`),
		exact[struct {
			V []item `json:"v" validate:"dive"`
		}](`[{"n":"ab"}]`, `[{"n":"a"}]`, `[{}]`),
		exact[struct {
			V [2]string `json:"v" validate:"dive,required"`
		}](`["a","b"]`, `["a",""]`),

		// lists
		exact[struct {
			V string `json:"v" validate:"oneof=red 'light green' blue"`
		}](`"red"`, `"light green"`, `"green"`),
		exact[struct {
			V int `json:"v" validate:"oneof=1 2 7"`
		}](`1`, `2`, `7`),
		exact[struct {
			V uint8 `json:"v" validate:"oneof=1 2"`
		}](`1`, `2`, `7`),
		exact[struct {
			V string `json:"v" validate:"noneof=red blue"`
		}](`"red"`, `"green"`),
		exact[struct {
			V int `json:"v" validate:"noneof=1 2"`
		}](`1`, `7`),
		exact[struct {
			V string `json:"v" validate:"oneofci=red kiss"`
		}](`"ReD"`, `"KISS"`, `"kiſs"`, `"KISS"`),
		exact[struct {
			V string `json:"v" validate:"noneofci=red kiss"`
		}](`"ReD"`, `"green"`),
		exact[struct {
			V string `json:"v" validate:"eq_ignore_case=ab.c"`
		}](`"AB.C"`, `"abxc"`),
		exact[struct {
			V string `json:"v" validate:"ne_ignore_case=ab.c"`
		}](`"AB.C"`, `"abxc"`),
		exact[struct {
			V string `json:"v" validate:"hexcolor|rgb"`
		}](`"#fff"`, `"rgb(1,2,3)"`),
		exact[struct {
			V string `json:"v" validate:"iscolor"`
		}](`"#fff"`, `"hsl(1,2%,3%)"`, `"cmyk(1%,2%,3%,4%)"`),

		// parts of strings
		exact[struct {
			V string `json:"v" validate:"contains=a.b"`
		}](`"xa.by"`, `"axb"`),
		exact[struct {
			V string `json:"v" validate:"startswith=a("`
		}](`"a(b"`, `"b"`),
		exact[struct {
			V string `json:"v" validate:"endswith=b$"`
		}](`"ab$"`, `"b"`),
		exact[struct {
			V string `json:"v" validate:"excludes=a.b"`
		}](`"xa.by"`, `"axb"`),
		exact[struct {
			V string `json:"v" validate:"startsnotwith=a"`
		}](`"ab"`, `"b"`),
		exact[struct {
			V string `json:"v" validate:"endsnotwith=b"`
		}](`"ab"`, `"a"`),
		exact[struct {
			V string `json:"v" validate:"containsany=]^-"`
		}](`"a-"`, `"]"`, `"^"`, `"x"`),
		exact[struct {
			V string `json:"v" validate:"excludesall=!?0x2C"`
		}](`"a!"`, `"x"`, `"a,"`),
		exact[struct {
			V string `json:"v" validate:"containsrune=é"`
		}](`"é"`, `"e"`),
		exact[struct {
			V string `json:"v" validate:"excludesrune=é"`
		}](`"é"`, `"e"`),

		// cross-field rules that if/then says
		exact[struct {
			K string `json:"k"`
			V string `json:"v" validate:"required_if=K card"`
		}](`"a"`, `""`).with("k", `"card"`, `"cash"`, `""`),
		exact[struct {
			K string `json:"k"`
			V string `json:"v" validate:"required_unless=K card"`
		}](`"a"`, `""`).with("k", `"card"`, `"cash"`, `""`),
		exact[struct {
			K int    `json:"k"`
			V string `json:"v" validate:"excluded_if=K 1"`
		}](`"a"`, `""`).with("k", `0`, `1`),
		exact[struct {
			K bool   `json:"k"`
			V string `json:"v" validate:"excluded_unless=K true"`
		}](`"a"`, `""`).with("k", `true`, `false`),
		exact[struct {
			K string `json:"k"`
			V int    `json:"v" validate:"skip_unless=K a"`
		}](`1`, `0`).with("k", `"a"`, `"b"`),
		exact[struct {
			K *string `json:"k"`
			V []int   `json:"v" validate:"required_with=K"`
		}](`[1]`, `[]`).with("k", `""`, `"b"`),
		exact[struct {
			K string `json:"k"`
			L string `json:"l"`
			V string `json:"v" validate:"required_with_all=K L"`
		}](`"a"`, `""`).with("k", `"b"`, `""`).with("l", `"b"`, `""`),
		exact[struct {
			K string `json:"k"`
			V string `json:"v" validate:"required_without=K"`
		}](`"a"`, `""`).with("k", `"b"`, `""`),
		exact[struct {
			K string `json:"k"`
			L int    `json:"l"`
			V string `json:"v" validate:"required_without_all=K L"`
		}](`"a"`, `""`).with("k", `"b"`, `""`).with("l", `1`, `0`),
		exact[struct {
			K string `json:"k"`
			V string `json:"v" validate:"excluded_with=K"`
		}](`"a"`, `""`).with("k", `"b"`, `""`),
		exact[struct {
			K string `json:"k"`
			L string `json:"l"`
			V *int   `json:"v" validate:"excluded_with_all=K L"`
		}](`1`, `0`).with("k", `"b"`, `""`).with("l", `"b"`, `""`),
		exact[struct {
			K string `json:"k"`
			V bool   `json:"v" validate:"excluded_without=K"`
		}](`true`, `false`).with("k", `"b"`, `""`),
		exact[struct {
			K string `json:"k"`
			L string `json:"l"`
			V string `json:"v" validate:"excluded_without_all=K L"`
		}](`"a"`, `""`).with("k", `"b"`, `""`).with("l", `"b"`, `""`),

		// numbers with a name
		exact[struct {
			V int `json:"v" validate:"port"`
		}](`0`, `1`, `65535`, `65536`),
		exact[struct {
			V uint16 `json:"v" validate:"port"`
		}](`0`, `1`, `65535`),
		exact[struct {
			V float64 `json:"v" validate:"latitude"`
		}](`90`, `90.5`, `-90`),
		exact[struct {
			V int `json:"v" validate:"longitude"`
		}](`180`, `181`, `-180`),
		exact[struct {
			V int `json:"v" validate:"numeric"`
		}](`180`),
		exact[struct {
			V int `json:"v" validate:"iso4217_numeric"`
		}](`978`, `979`, `1`),
	}
}

type item struct {
	N string `json:"n" validate:"min=2,max=3"`
}
