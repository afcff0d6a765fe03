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
		Out: out, Outcome: hook.Outcome, Form: hook.Form,
		Encoder: func(reflect.Type) (answer.Encode, error) { return encode, nil },
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	a, _ := out.JSON(user{})
	return r.Render((*answer.Answer)(&a), plan, reflect.ValueOf(out).UnsafePointer())
}

// A payload that cannot be encoded leaves nothing behind for the answer that follows.
func TestPayloadThatCannotBeEncoded(t *testing.T) {
	broken := errors.New("broken")
	r := answer.Rendering{Buffer: make([]byte, 0, 100)}
	err := rendered(t, &r, func(dst []byte, _ any) ([]byte, error) { return append(dst, "half"...), broken })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	hook.WriteProblem(&wire.NetHTTP{W: w, R: httptest.NewRequest("GET", "/", nil)}, &r.Buffer, respond.NotFound("x"))
	if w.Code != 404 || w.Body.String() != `{"title":"Not Found","status":404,"detail":"x"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The compiler keeps a struct of at most four words and four fields in registers.
func TestAnswerFitsRegisters(t *testing.T) {
	a := reflect.TypeFor[answer.Answer]()
	if words := a.Size() / reflect.TypeFor[uintptr]().Size(); words > 4 || a.NumField() > 4 {
		t.Errorf("an Answer has %d words in %d fields", words, a.NumField())
	}
}
