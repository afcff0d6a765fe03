package rules_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	type item struct {
		Code string `json:"code" validate:"uppercase"`
	}
	type form struct {
		Mode     string         `json:"mode"`
		Limit    int            `query:"limit"`
		A        string         `json:"a" validate:"required"`
		B        *string        `json:"b" validate:"min=1"`
		C        string         `json:"c" validate:"min=1"`
		D        string         `json:"d" validate:"omitempty,len=1,lt=9"`
		E        []int          `json:"e" validate:"min=2"`
		F        map[string]int `json:"f" validate:"len=1"`
		G        float64        `json:"g" validate:"gt=0.5"`
		H        time.Duration  `json:"h" validate:"min=1000000000"`
		I        time.Time      `json:"i" validate:"gt"`
		J        string         `json:"j" validate:"oneof=a 'b c'"`
		K        string         `json:"k" validate:"eq=yes"`
		L        string         `json:"l" validate:"ne="`
		M        string         `json:"m" validate:"len=3|len=5"`
		N        string         `json:"n" validate:"iscolor"`
		O        string         `json:"o" validate:"eqfield=Mode"`
		P        string         `json:"p" validate:"required_if=Mode x Limit 0"`
		Q        string         `json:"q" validate:"required_without_all=B Limit"`
		R        string         `json:"r" validate:"excluded_unless=Limit 3"`
		S        []item         `json:"s" validate:"unique=Code,dive"`
		T        string         `json:"t" validate:"datetime=2006-01-02"`
		U        string         `json:"u" validate:"excludesall=0x2C "`
		V        string         `json:"v" validate:"excluded_with=Mode"`
		Email    string         `json:"email" validate:"email"`
		Nofile   [2]bool        `json:"w" validate:"dive,eq=true"`
		Skip     string         `json:"x" validate:"skip_unless=Mode x"`
		With     string         `json:"y" validate:"required_with_all=Mode"`
		NoneOf   int            `json:"z" validate:"noneof=0"`
		Function valid          `json:"fn" validate:"validateFn"`
		Is       int            `json:"is" validate:"isdefault"`
	}
	value := form{Mode: "x", D: "ab", E: []int{1}, R: "r", S: []item{{"Q"}, {"Q"}}, U: "a,b", V: "v", Is: 1}
	var got []string
	for _, f := range failed(t, check(t, quiet(), value)).List {
		got = append(got, strings.Join([]string{f.Pointer, f.Rule, f.Param, f.Message}, " | "))
	}
	require.Empty(t, cmp.Diff([]string{
		"/a | required |  | is required and must not be empty",
		"/b | min | 1 | is required",
		"/c | min | 1 | must be at least 1 character long",
		"/d | len | 1 | must be exactly 1 character long",
		"/e | min | 2 | must have at least 2 items",
		"/f | len | 1 | must have exactly 1 entry",
		"/g | gt | 0.5 | must be greater than 0.5",
		"/h | min | 1000000000 | must be at least 1s",
		"/i | gt |  | must be in the future",
		"/j | oneof | a 'b c' | must be one of a, \"b c\"",
		"/k | eq | yes | must be equal to yes",
		"/l | ne |  | must be different from \"\"",
		"/m | len=3|len=5 |  | must be exactly 3 characters long or must be exactly 5 characters long",
		"/n | iscolor |  | must be a color such as #ff8000 or rgb(255, 128, 0)",
		"/o | eqfield | mode | must be equal to mode",
		"/p | required_if | mode x limit 0 | is required when mode is x and limit is 0",
		"/q | required_without_all | b limit | is required when b and limit are absent",
		"/r | excluded_unless | limit 3 | must be absent unless limit is 3",
		"/s | unique | code | must not hold two items with the same code",
		"/t | datetime | 2006-01-02 | must be a date or time such as 2024-12-31",
		"/u | excludesall | ,  | must not contain any of the characters \", \"",
		"/v | excluded_with | mode | must be absent when mode is present",
		"/email | email |  | must be an email address such as name@example.com",
		"/w/0 | eq | true | must be equal to true",
		"/w/1 | eq | true | must be equal to true",
		"/x | skip_unless | mode x | is required when mode is x",
		"/y | required_with_all | mode | is required when mode is present",
		"/z | noneof | 0 | must not be one of 0",
		"/fn | validateFn |  | does not pass the check of its type",
		"/is | isdefault |  | must be absent or empty",
	}, got))
}

type valid struct{}

func (valid) Validate() bool { return false }

// Every tag of the table has a sentence of its own.
func TestEveryTagHasASentence(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(strings.TrimSpace(auditRows)) {
		tags, where, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for tag := range strings.FieldsSeq(tags) {
			name, param, has := strings.Cut(strings.ReplaceAll(tag, "#", " "), "=")
			if strings.HasPrefix(name, "omit") || where == "none" || name == "dive" || strings.HasSuffix(name, "only") || name == "nostructlevel" {
				continue
			}
			rule := rules.Rule{Name: name, Param: param, HasParam: has}
			for _, typ := range []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[[]int](), nil} {
				require.NotContains(t, rules.Sentence(rule, typ), "breaks the rule", rule)
			}
		}
	}
	require.Equal(t, "breaks the rule odd", rules.Sentence(rules.Rule{Name: "odd"}, reflect.TypeFor[int]()))
}

func TestMessage(t *testing.T) {
	t.Parallel()
	v := rules.New(&rules.Options{Message: func(_ context.Context, f rules.Failure) string {
		if f.Rule == "required" {
			return ""
		}
		return "(" + f.Rule + ") " + f.Message
	}})
	failures := failed(t, check(t, v, struct {
		A string `validate:"required"`
		B string `validate:"min=2"`
	}{}))
	require.Equal(t, "/A: is required and must not be empty; /B: (min) must be at least 2 characters long", failures.Error())
}

func TestRequired(t *testing.T) {
	t.Parallel()
	type inner struct {
		City string `validate:"required"`
	}
	type form struct {
		A string `validate:"min=1"`
		B string `validate:"omitempty,min=1"`
		C inner
		D *inner
		E int    `validate:"min=0"`
		F string `validate:"required_without=G"`
		G string
		H []inner `validate:"dive"`
		I *string `validate:"email"`
		J any     `validate:"required"`
	}
	v := rules.New(nil)
	for _, typ := range []reflect.Type{reflect.TypeFor[form](), reflect.StructOf(reflect.VisibleFields(reflect.TypeFor[form]()))} {
		var required string
		for f := range typ.Fields() {
			if v.Required(typ, f.Name) {
				required += f.Name
			}
		}
		require.Equal(t, "ACFIJ", required)
	}
}

func TestRulesOf(t *testing.T) {
	t.Parallel()
	v := rules.New(nil)
	read := func(tag string) *rules.Level {
		rules, err := v.RulesOf(reflect.StructField{Tag: reflect.StructTag(`validate:"` + tag + `"`)})
		require.NoError(t, err)
		return rules
	}
	rule := func(name string, param ...string) rules.Rule {
		return rules.Rule{Name: name, Param: strings.Join(param, ""), HasParam: len(param) > 0}
	}
	require.Equal(t, &rules.Level{}, read(""))
	require.Equal(t, &rules.Level{Skip: true}, read("-"))
	require.Equal(t, &rules.Level{
		All:  []rules.Rule{rule("omitempty"), rule("max", "3")},
		Keys: &rules.Level{All: []rules.Rule{rule("len", "2")}},
		Elem: &rules.Level{
			All:  []rules.Rule{{Any: []rules.Rule{rule("contains", "a,b|c"), rule("eq", "")}}},
			Elem: &rules.Level{},
		},
	}, read("omitempty,max=3,dive,keys,len=2,endkeys,contains=a0x2Cb0x7Cc|eq=,dive"))
	require.Equal(t, "hexcolor|rgb|rgba|hsl|hsla|cmyk", read("iscolor").All[0].String())
	require.Equal(t, "iscolor", read("iscolor").All[0].Alias)
	require.Len(t, read("eq=x|iscolor").All[0].Any, 7)
	require.True(t, read("required,min=1").Has("min"))
	_, err := v.RulesOf(reflect.StructField{Tag: `validate:"a,,b"`})
	require.EqualError(t, err, "the tag has an empty rule: remove the extra comma")
}

// One Checker serves any number of requests at a time.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	v := rules.New(nil)
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 50 {
				checker, faults := v.Compile(reflect.TypeFor[newUser]())
				require.Empty(t, faults)
				require.NoError(t, checker.Check(context.Background(), w3()))
				bad := w3()
				bad.Tags, bad.Address.City = nil, ""
				require.Len(t, failed(t, checker.Check(context.Background(), bad)).List, 2)
			}
		})
	}
}
