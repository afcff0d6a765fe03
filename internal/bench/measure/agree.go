package measure

import (
	"encoding/json"
	"fmt"
	"mime"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Agrees makes every request of every workload twice, and returns an error for the
// first answer that is not the one asked for.
func Agrees(c contender.Contender) error {
	for _, w := range work.All() {
		call := Prepare(c, w)
		for range 2 {
			call.Do()
			if problem := Disagrees(c.Ask(w).Work, call.Answer()); problem != "" {
				return fmt.Errorf("%s: %s", c.Name, problem)
			}
		}
	}
	return nil
}

// Disagrees says how an answer differs from what the workload asks; empty when it does not.
func Disagrees(w work.Work, got contender.Answer) string {
	if got.Status != w.Status {
		return fmt.Sprintf("%s: status %d, want %d: %s", w.Name, got.Status, w.Status, got.Body)
	}
	media, _, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Sprintf("%s: Content-Type %q", w.Name, got.Header.Get("Content-Type"))
	}
	if w.Answer == "" {
		failing, err := failingMembers(got.Body)
		if err != nil {
			return fmt.Sprintf("%s: %v: %s", w.Name, err, got.Body)
		}
		if !slices.Equal(failing, w.Failing) {
			return fmt.Sprintf("%s: failing %v, want %v", w.Name, failing, w.Failing)
		}
		return ""
	}
	var have, want any
	if err := json.Unmarshal(got.Body, &have); err != nil {
		return fmt.Sprintf("%s: %v: %.200s", w.Name, err, got.Body)
	}
	if err := json.Unmarshal([]byte(w.Answer), &want); err != nil {
		return fmt.Sprintf("%s: the expectation: %v", w.Name, err)
	}
	if !reflect.DeepEqual(have, want) {
		return fmt.Sprintf("%s: body %.300s, want %.300s", w.Name, got.Body, w.Answer)
	}
	return ""
}

// failingMembers reads which members an error answer names. Everybody lists them
// under "errors"; the place is called field, pointer or location. connect has them in
// the details of its own form of errors.
func failingMembers(body []byte) ([]string, error) {
	var answer struct {
		Errors  []struct{ Field, Pointer, Location string }
		Details []struct {
			Debug struct {
				Violations []struct {
					Field struct{ Elements []struct{ FieldName string } }
				}
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var names []string
	for _, e := range answer.Errors {
		name := e.Field + strings.TrimPrefix(e.Location, "body.")
		if e.Pointer != "" {
			name = strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".")
		}
		names = append(names, name)
	}
	for _, d := range answer.Details {
		for _, v := range d.Debug.Violations {
			var path []string
			for _, e := range v.Field.Elements {
				path = append(path, e.FieldName)
			}
			names = append(names, strings.Join(path, "."))
		}
	}
	slices.Sort(names)
	return names, nil
}
