package rules_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// told is what a Checker that splits values of more than piece elements finds.
func told(t *testing.T, c *rules.Checker, piece int, ptr any) ([]rules.Failure, bool) {
	t.Helper()
	rules.SetPiece(c, piece)
	err := c.Check(context.Background(), ptr)
	if err == nil {
		return nil, false
	}
	failures := failed(t, err)
	return failures.List, failures.Truncated
}

// Structs made at random have the same failures, however small the pieces are.
func TestPiecesOfStructs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 7))
	values, refused, ordered := 0, 0, 0
	for values < rounds(200_000) {
		v := quiet()
		v.Register("odd", func(_ context.Context, fl validator.FieldLevel) bool {
			return fl.Field().Int()%2 != 0 && reflect.Indirect(fl.Top()).Kind() == reflect.Struct
		}, "")
		v.RegisterAlias("each", "min=1,dive")
		v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
			if p := sl.Current().Interface().(period); p.From > p.To {
				sl.ReportError(p.To, "To", "To", "ordered", "")
			}
		}, period{})
		b := newBuilder(r)
		if r.IntN(2) == 0 {
			b.cases = append(b.cases[:len(b.cases):len(b.cases)], slices.Repeat(beyond, 10)...)
		}
		b.cases = append(b.cases, ruleCase{"each,dive,gt=0", reflect.TypeFor[[][]int](), random}, ruleCase{"each,gt=0", reflect.TypeFor[[]int](), random})
		target := b.structure(3)
		if r.IntN(4) == 0 {
			target = reflect.SliceOf(target)
		}
		c, faults := v.Compile(target)
		require.Empty(t, faults, "%v", target)
		for range 10 {
			values++
			ptr := reflect.New(target)
			if target.Kind() == reflect.Slice {
				inSlice(func(_ *rand.Rand, v reflect.Value) { b.fill(v) })(r, ptr.Elem())
			} else {
				b.fill(ptr.Elem())
			}
			want, truncated := told(t, c, math.MaxInt, ptr.Interface())
			if len(want) > 0 {
				refused++
			}
			inOrder := !strings.Contains(target.String(), "map[")
			if inOrder {
				ordered++
			} else if truncated {
				continue
			}
			for _, piece := range []int{1, 2 + r.IntN(4), 20} {
				got, more := told(t, c, piece, ptr.Interface())
				if !inOrder {
					sortFailures(want)
					sortFailures(got)
				}
				require.Empty(t, cmp.Diff(want, got), "in pieces of %d of\n%v", piece, target)
				require.Equal(t, truncated, more)
			}
		}
	}
	t.Logf("%d values, %d refused, %d without a map", values, refused, ordered)
	require.Greater(t, refused, values/4)
	require.Greater(t, ordered, values/4)
}

func sortFailures(list []rules.Failure) {
	slices.SortFunc(list, func(a, b rules.Failure) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// parcel has rules about other fields of its own, rules that only validator judges, and lists.
type parcel struct {
	SKU      string         `json:"sku" validate:"required"`
	Currency string         `json:"currency" validate:"iso4217"`
	Least    int            `json:"least" validate:"min=1"`
	Most     int            `json:"most" validate:"gtefield=Least"`
	Sizes    []int          `json:"sizes" validate:"omitempty,unique,dive,max=5000"`
	Labels   map[string]int `json:"labels" validate:"dive,gt=0"`
}

type parcels struct {
	Name    string                   `json:"name" validate:"required"`
	Numbers []int                    `json:"numbers" validate:"required,dive,gt=0"`
	Paging  *ParcelPage              `json:"paging" validate:"required"`
	Grid    [][]int                  `json:"grid" validate:"dive,min=1,dive,gt=0"`
	Lines   []*parcel                `json:"lines" validate:"omitempty,dive,required"`
	Ptr     *[]parcel                `json:"ptr" validate:"omitempty,dive"`
	ByName  map[string][]parcel      `json:"byName" validate:"dive,dive"`
	ByLevel map[level]map[string]int `json:"byLevel" validate:"dive,dive,keys,max=3,endkeys,gt=0"`
	Least   []int                    `json:"least" validate:"min=300,dive,gt=0"`
	Beside  []int                    `json:"beside" validate:"required_with=Name,dive,gt=0"`
	Custom  []string                 `json:"custom" validate:"dive,mine"`
	Last    string                   `json:"last" validate:"eq=last"`
	ParcelPage
}

type ParcelPage struct {
	Limit int      `json:"limit" validate:"max=10"`
	Marks []string `json:"marks" validate:"dive,alpha"`
}

func lines(n int, wrong ...int) []parcel {
	out := make([]parcel, n)
	for i := range out {
		out[i] = parcel{SKU: "a", Currency: "EUR", Least: 1, Most: 1}
	}
	for _, i := range wrong {
		out[i] = parcel{Most: -1 - i}
	}
	return out
}

func numbers(n int, wrong ...int) []int {
	out := slices.Repeat([]int{1}, n)
	for _, i := range wrong {
		out[i] = -1
	}
	return out
}

// What a large value is told is the same as if validator had judged the whole of it.
func TestPiecesOfLists(t *testing.T) {
	t.Parallel()
	good := func() *parcels {
		return &parcels{Name: "a", Numbers: numbers(1), Paging: &ParcelPage{}, Least: numbers(300), Beside: numbers(1), Last: "last"}
	}
	pointers := func(list []parcel) (out []*parcel) {
		for i := range list {
			out = append(out, &list[i])
		}
		return append(out, nil)
	}
	nested := lines(3, 1)
	nested[2].Sizes = make([]int, 1001)
	for i := range nested[2].Sizes {
		nested[2].Sizes[i] = i + 4050
	}
	nested[2].Least = 7
	nested[1].Labels = map[string]int{"a.b]": 0}
	for _, tt := range []struct {
		name string
		fill func(b *parcels)
		most int // failures that are told, beside the mark that there are more
	}{
		{"nothing wrong", func(b *parcels) { b.Numbers = numbers(3000) }, 0},
		{"the ends of pieces", func(b *parcels) { b.Numbers = numbers(1001, 0, 249, 250, 251, 499, 500, 999, 1000) }, 8},
		{"100, and fields around", func(b *parcels) { b.Name, b.Last, b.Numbers = "", "", make([]int, 98) }, 100},
		{"100 and no more", func(b *parcels) { b.Numbers = append(numbers(900), make([]int, 100)...) }, 100},
		{"101", func(b *parcels) { b.Numbers = append(numbers(900), make([]int, 101)...) }, 100},
		{"100, then one in the last field", func(b *parcels) { b.Numbers, b.Limit = append(numbers(900), make([]int, 100)...), 11 }, 100},
		{"fields in their order", func(b *parcels) { b.Name, b.Numbers, b.Limit, b.Last = "", numbers(300, 7, 260), 11, "" }, 5},
		{"below a pointer", func(b *parcels) { b.Paging.Marks = slices.Repeat([]string{"a1", "b"}, 300) }, 100},
		{"in an embedded struct", func(b *parcels) { b.Marks, b.Limit = append(slices.Repeat([]string{"b"}, 600), "1"), 11 }, 2},
		{"many small lists", func(b *parcels) { b.Grid = append(slices.Repeat([][]int{{1, 2, 3}}, 300), []int{}, []int{1, 0}) }, 2},
		{"a large list in a list", func(b *parcels) { b.Grid = [][]int{{0}, numbers(1001, 249, 1000), {}, {0}, numbers(300, 299)} }, 6},
		{"structs", func(b *parcels) { b.Lines = pointers(lines(1001, 0, 249, 250, 1000)) }, 17},
		{"structs behind a pointer to the list", func(b *parcels) { list := lines(1001, 0, 249, 250, 1000); b.Ptr = &list }, 16},
		{"large structs", func(b *parcels) { b.Ptr = &nested }, 56},
		{"a list that repeats itself", func(b *parcels) { n := lines(1); n[0].Sizes = numbers(1000); b.Ptr = &n }, 1},
		{"a list that is too short", func(b *parcels) { b.Least, b.Numbers = make([]int, 299), numbers(300) }, 1},
		{"a list that is long enough", func(b *parcels) { b.Least = numbers(301, 300) }, 1},
		{"a rule about another field", func(b *parcels) { b.Beside = numbers(301, 300) }, 1},
		{"a rule of the program's", func(b *parcels) { b.Custom = append(slices.Repeat([]string{"mine"}, 300), "") }, 1},
		{"a map", func(b *parcels) {
			b.ByName = make(map[string][]parcel)
			for i := range 600 {
				b.ByName[fmt.Sprint(i)] = lines(1)
			}
			b.ByName["x"], b.ByName["y.z"] = lines(300, 299), lines(2, 0)
		}, 8},
		{"a map with keys of another kind", func(b *parcels) {
			b.ByLevel = map[level]map[string]int{3: {"0": 0, "long": 1}}
			for i := range 600 {
				b.ByLevel[3][fmt.Sprint(i)] = 1
			}
			b.ByLevel[4] = map[string]int{"a": -1}
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := quiet()
			v.Register("mine", func(_ context.Context, fl validator.FieldLevel) bool {
				return reflect.Indirect(fl.Top()).Type() == reflect.TypeFor[parcels]() && fl.Field().String() == "mine"
			}, "")
			c, faults := v.Compile(reflect.TypeFor[parcels]())
			require.Empty(t, faults)
			b := good()
			tt.fill(b)
			want, truncated := told(t, c, math.MaxInt, b)
			got, more := told(t, c, rules.Piece, b)
			if strings.HasPrefix(tt.name, "a map") {
				sortFailures(want)
				sortFailures(got)
			}
			require.Empty(t, cmp.Diff(want, got))
			require.Equal(t, truncated, more)
			require.Len(t, got, tt.most)
		})
	}
}

type (
	// judgedBeside is judged by a function that looks at the root.
	judgedBeside struct{ List, More []int }
	byTag        struct {
		Text string `validate:"top"`
	}
	holder struct {
		Any  any
		List []int
	}
	empty    struct{ List []int }
	elsewise struct{ List []int }
	standing struct{ List []int }
	twice    []int
	who      struct {
		Roles []string `validate:"dive,alpha"`
	}
	Signed struct {
		Auth who `auth:"bearer"`
	}
	Several[T any] struct {
		First T `json:"first"`
		Last  T `json:"last"`
	}
)

func (empty) ValidatorValue() any      { return nil }
func (e elsewise) ValidatorValue() any { return e.List }
func (s standing) ValidatorValue() any {
	return struct {
		A string `validate:"required"`
		L []int  `validate:"dive,gt=0"`
	}{"", s.List}
}

// Where validator has to see the whole, and what it does not look at.
func TestPiecesOfWholes(t *testing.T) {
	t.Parallel()
	wrong := numbers(600, 3, 599)
	roles := who{slices.Repeat([]string{"1"}, 600)}
	for _, tt := range []struct {
		name string
		ptr  any
	}{
		{"an alias that holds dive", &struct {
			L [][]int `validate:"each,dive,gt=0"`
		}{append(slices.Repeat([][]int{{1}}, 600), []int{}, []int{0})}},
		{"a function for a tag of the list", &struct {
			L twice `validate:"topList,dive,gt=0"`
		}{wrong}},
		{"a function for a tag of a struct", &struct {
			A struct{ L, M []int } `validate:"omitted"`
		}{struct{ L, M []int }{wrong, wrong}}},
		{"a function for a struct", &struct{ J judgedBeside }{judgedBeside{wrong, wrong}}},
		{"a function for the structs of a list", &struct {
			L []judgedBeside `validate:"dive"`
		}{make([]judgedBeside, 600)}},
		{"a function for a field in a list", &struct {
			L []byTag `validate:"dive"`
		}{make([]byTag, 600)}},
		{"a function for what an interface holds", &struct {
			L []holder `validate:"dive"`
		}{slices.Repeat([]holder{{Any: byTag{}}}, 600)}},
		{"elements that are large and zero", &struct {
			L []struct {
				A [300][]int
				N int `validate:"gt=0"`
			} `validate:"dive,omitempty"`
		}{append(make([]struct {
			A [300][]int
			N int `validate:"gt=0"`
		}, 2), struct {
			A [300][]int
			N int `validate:"gt=0"`
		}{N: -1})}},
		{"a field that is not exported", &struct {
			l struct {
				L []int `validate:"dive,gt=0"`
			}
			A []int `validate:"dive,gt=0"`
		}{struct {
			L []int `validate:"dive,gt=0"`
		}{wrong}, wrong}},
		{"fields that say who is asking", &struct {
			Auth who `auth:"bearer"`
			*Signed
			L []int `validate:"dive,gt=0"`
		}{roles, &Signed{who{[]string{"1"}}}, wrong}},
		{"a value that stands for nothing", &struct {
			E empty `validate:"omitempty"`
			L []int `validate:"dive,gt=0"`
		}{empty{wrong}, wrong}},
		{"a value that stands for a list", &struct {
			E elsewise `validate:"dive,gt=0"`
		}{elsewise{wrong}}},
		{"structs in a map", &struct {
			M map[string]struct {
				A string `validate:"required"`
				L []int  `validate:"dive,gt=0"`
			} `validate:"dive"`
		}{map[string]struct {
			A string `validate:"required"`
			L []int  `validate:"dive,gt=0"`
		}{"a.b": {"", wrong}}}},
		{"more text than is told", &struct {
			M []map[string]map[string]int `validate:"dive,dive,dive,gt=0"`
			N struct {
				L []int `validate:"dive,gt=0"`
				S int   `validate:"gt=0"`
			}
		}{M: slices.Repeat([]map[string]map[string]int{{strings.Repeat("a", maxKey): {strings.Repeat("b", maxKey): 0}}}, 300)}},
		{"a generic type", &Several[[]parcel]{lines(600, 1, 599), lines(600, 1, 599)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := func(_ context.Context, fl validator.FieldLevel) bool {
				return fl.Top().Type() == reflect.TypeOf(tt.ptr)
			}
			v := quiet()
			v.Register("top", top, "")
			v.Register("topList", top, "")
			v.Register("omitted", func(context.Context, validator.FieldLevel) bool { return false }, "")
			v.RegisterAlias("each", "min=1,dive")
			v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
				if sl.Top().Type() != reflect.TypeOf(tt.ptr) || len(sl.Current().Interface().(judgedBeside).List) > 0 {
					sl.ReportError(nil, "List", "List", "judged", "")
				}
			}, judgedBeside{})
			c, faults := v.Compile(reflect.TypeOf(tt.ptr).Elem())
			require.Empty(t, faults)
			want, truncated := told(t, c, math.MaxInt, tt.ptr)
			got, more := told(t, c, rules.Piece, tt.ptr)
			require.Empty(t, cmp.Diff(want, got))
			require.Equal(t, truncated, more)
		})
	}
	t.Run("an engine of the program's", func(t *testing.T) {
		type request struct {
			L []int `validate:"dive,top"`
		}
		engine := validator.New()
		require.NoError(t, engine.RegisterValidation("top", func(fl validator.FieldLevel) bool {
			return fl.Top().Type() == reflect.TypeFor[*request]()
		}))
		v := rules.New(&rules.Options{Validate: engine, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, check(t, v, request{wrong}))
	})
}

// cyclic leads back to itself where validator does not go.
type cyclic struct {
	Name   string  `validate:"required"`
	Up     *cyclic `validate:"-"`
	Wrong  []int   `validate:"dive,gt=0"`
	Graph  *vertex `json:"-"`
	parent *cyclic
}

type vertex struct{ Next []*vertex }

func TestPiecesOfCycles(t *testing.T) {
	t.Parallel()
	value := cyclic{Wrong: numbers(300, 299), Graph: &vertex{}}
	value.Graph.Next = []*vertex{value.Graph, {[]*vertex{value.Graph}}}
	value.Up, value.parent = &value, &value
	require.Equal(t, []string{"Name /Name required", "Wrong[299] /Wrong/299 gt"}, places(failed(t, check(t, quiet(), value))))
}

// Whatever a root is made of, the indices are its own.
func TestPiecesOfRoots(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ptr  any
	}{
		{"a list of structs", new(lines(1001, 0, 249, 250, 1000))},
		{"a list of lists", new([][]parcel{lines(2, 1), lines(1001, 0, 249, 250, 1000), lines(1, 0)})},
		{"a map of lists", new(map[string][]parcel{"a.b": lines(1001, 0, 249, 250, 1000)})},
		{"a pointer to a struct", new(&struct {
			N []int `validate:"dive,gt=0"`
		}{numbers(1001, 0, 249, 250, 1000)})},
		{"an array", new([2][]parcel{lines(1), lines(1001, 0, 249, 250, 1000)})},
		{"values that stand for structs", &struct {
			E []standing `validate:"dive"`
		}{[]standing{{make([]int, 40)}, {numbers(300, 299)}}}},
		{"a generic type", new(Generic[[]parcel]{lines(1001, 0, 249, 250, 1000)})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, faults := quiet().Compile(reflect.TypeOf(tt.ptr).Elem())
			require.Empty(t, faults)
			want, _ := told(t, c, math.MaxInt, tt.ptr)
			got, _ := told(t, c, rules.Piece, tt.ptr)
			require.NotEmpty(t, got)
			require.Empty(t, cmp.Diff(want, got))
		})
	}
}
