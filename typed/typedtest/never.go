package typedtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/docs"
)

// fairly is how often an endpoint has to have its turn before it is a fault that it took no
// request. Half of them are valid, as far as the document goes.
const fairly = 100

// sum logs what was done, and fails the test where nothing was tested.
func (e *explorer) sum(t docs.TB, cases int, whole bool) {
	t.Helper()
	var never []string
	turns := cases / max(1, len(e.explored))
	none := len(e.accepted) == 0 && turns > 0
	for _, o := range e.explored {
		if e.accepted[o] > 0 {
			continue
		}
		never = append(never, o.name())
		if whole && !e.faulty[o] && (none || turns >= fairly) {
			t.Errorf("typedtest: %s took no request: %s, or name it in Options.Except", o.name(), e.advice(o))
		}
	}
	text := fmt.Sprintf("typedtest: seed %d: %d cases, %d of %d endpoints took a request", e.seed, cases, len(e.explored)-len(never), len(e.explored))
	if len(never) > 0 {
		text += "; never: " + strings.Join(never, ", ")
	}
	t.Logf("%s", text)
}

// count notes how a request was answered that may be valid.
func (e *explorer) count(x *exchange) {
	if x.stranger || x.broken != "" || x.method != x.op.Method {
		return
	}
	if e.answers[x.op] == nil {
		e.answers[x.op] = map[int]int{}
	}
	status := x.answer.status
	if x.answer.none {
		status = 0
	}
	e.answers[x.op][status]++
}

// advice says why an endpoint took no request, and what to do.
func (e *explorer) advice(o *operation) string {
	if schemes := e.missing(o); len(schemes) > 0 {
		return "none had a credential of " + strings.Join(schemes, " and ") + ". Give one with Options.As"
	}
	answers := e.answers[o]
	const give = "Give it what it takes with Options.Values or an example tag"
	if len(answers) == 0 {
		return "none was found that its schemas accept. " + give
	}
	usual := slices.MaxFunc(slices.Sorted(maps.Keys(answers)), func(a, b int) int { return cmp.Compare(answers[a], answers[b]) })
	switch usual {
	case 0:
		return "it does not answer in time"
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("most were answered %d. Give a credential of one who may with Options.As", usual)
	}
	return fmt.Sprintf("most were answered %d. %s", usual, give)
}

// missing are the schemes for which there is no credential, and without which an endpoint
// takes none of those that there are.
func (e *explorer) missing(o *operation) []string {
	if o.anonymous {
		return nil
	}
	var first []string
	for _, together := range o.security {
		without := slices.DeleteFunc(slices.Clone(together), func(scheme string) bool { return len(e.keys[scheme]) > 0 })
		if len(without) == 0 {
			return nil
		}
		if first == nil {
			first = without
		}
	}
	return first
}
