package bind_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
)

// More parameters than a word has bits: each is told from the others, and repetition
// is noticed for all.
func TestManyMoreParameters(t *testing.T) {
	const n = 200
	fields := make([]reflect.StructField, n)
	for i := range fields {
		fields[i] = reflect.StructField{
			Name: fmt.Sprintf("F%d", i), Type: typeOf[int](),
			Tag: reflect.StructTag(fmt.Sprintf(`query:"q%d" default:"-%d"`, i, i)),
		}
	}
	typ := reflect.StructOf(fields)
	plan, faults := bind.Compile(typ, bind.Options{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	in := reflect.New(typ)
	accepted(t, plan.Bind(&canned{query: "q3=1&q64=2&q199=3&q=4"}, nil, in.Interface()))
	for i := range n {
		want := map[int]int64{3: 1, 64: 2, 199: 3}[i]
		if want == 0 {
			want = -int64(i)
		}
		if got := in.Elem().Field(i).Int(); got != want {
			t.Errorf("q%d is %d, want %d", i, got, want)
		}
	}
	r := plan.Bind(&canned{query: "q3=1&q64=2&q199=3&q199=3&q64=2&q130=1"}, nil, reflect.New(typ).Interface())
	if want := "Unprocessable Content; query q199 repeated; query q64 repeated"; brief(r) != want {
		t.Errorf("got %s", brief(r))
	}
}

// A plan serves many requests at once; its views and buffers are pooled.
func TestConcurrentUse(t *testing.T) {
	plan := compile[order](t, bind.Options{Method: "POST", PathNames: []string{"id"}})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 200 {
				name := strings.Repeat("x", worker*i)
				var in order
				r := plan.Bind(newBody(fmt.Sprintf(`{"name":%q,"amount":%d}`, name, i)), []string{fmt.Sprint(worker)}, &in)
				if r != nil || in.ID != worker || in.Name != name || in.Amount != i || in.Tags != nil {
					t.Errorf("worker %d, request %d: %+v, %v", worker, i, in, r)
					return
				}
			}
		})
	}
	wg.Wait()
}

// A large body is handed over; a small one is copied out of its pooled buffer.
func TestRawBodiesAreTheRequestsOwn(t *testing.T) {
	plan := compile[[]byte](t, bind.Options{MaxBody: 1 << 22})
	var kept [][]byte
	var want [][]byte
	for i, size := range []int{10, 5000, 60 << 10, 70 << 10, 300 << 10, 3 << 20, 300 << 10, 20} {
		body := bytes.Repeat([]byte{byte('a' + i)}, size)
		var in []byte
		accepted(t, plan.Bind(newBody(string(body)), nil, &in))
		kept, want = append(kept, in), append(want, body)
	}
	for i := range kept {
		if !bytes.Equal(kept[i], want[i]) {
			t.Errorf("body %d was overwritten", i)
		}
	}
}

func TestMembersOnlyThroughEmbedding(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
	}
	type in struct {
		inner
	}
	if plan := compile[in](t, bind.Options{}); plan.BodyKind() != bind.JSONBody {
		t.Errorf("kind %v", plan.BodyKind())
	}
	type loop struct {
		*Loop
	}
	if _, faults := bind.Compile(typeOf[loop](), bind.Options{Method: "GET"}); len(faults) != 0 {
		t.Errorf("a struct of nothing but itself: %+v", faults)
	}
}

// Loop embeds itself and has nothing else.
type Loop struct{ *Loop }
