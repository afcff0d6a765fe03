package answer_test

import (
	"errors"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

type user struct{ Name string }

// rendered renders a JSON answer whose content encode makes.
func rendered(t *testing.T, r *answer.Rendering, encode answer.Encode) error {
	t.Helper()
	out := new(respond.Response[user])
	plan, faults := answer.NewPlan(answer.Declaration{
		Out: out, Builder: hook.Builder, Form: hook.Form,
		Encoder: func(reflect.Type) (answer.Encode, error) { return encode, nil },
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	a, _ := out.JSON(user{})
	accepted, err := hook.Accept(&a, out, plan)
	if err != nil {
		t.Fatal(err)
	}
	return r.Render(accepted, plan)
}

// A payload that cannot be encoded leaves nothing behind for the answer that follows.
func TestPayloadThatCannotBeEncoded(t *testing.T) {
	broken := errors.New("broken")
	var r answer.Rendering
	err := rendered(t, &r, func(dst []byte, _ any) ([]byte, error) { return append(dst, "half"...), broken })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	hook.WriteProblem(&wire.NetHTTP{W: w, R: httptest.NewRequest("GET", "/", nil)}, &r, respond.NotFound("x"))
	if w.Code != 404 || w.Body.String() != `{"title":"Not Found","status":404,"detail":"x"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A Rendering keeps its buffer for the next answer, unless it is large.
func TestBuffer(t *testing.T) {
	for size, kept := range map[int]bool{10: true, 100_000: true, 1 << 20: false} {
		var buffers [2]*byte
		var r answer.Rendering
		for i := range buffers {
			err := rendered(t, &r, func(dst []byte, _ any) ([]byte, error) {
				dst = append(dst, make([]byte, size)...)
				buffers[i] = &dst[0]
				return dst, nil
			})
			r.Release()
			if err != nil {
				t.Error(err)
			}
		}
		if (buffers[0] == buffers[1]) != kept {
			t.Errorf("%d bytes: kept is %t", size, !kept)
		}
	}
}
