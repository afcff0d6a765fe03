package rules

import (
	"reflect"
	"sync"
)

// wordings keeps sentences: a rule is broken again and again, and saying so takes
// longer than finding out. Rules and their parameters come from tags, so there are few;
// the bound is for struct-level functions that report whatever they like.
type wordings struct {
	mu    sync.RWMutex
	texts map[wording]string
}

type wording struct {
	rule, param string
	typ         reflect.Type
}

const maxWordings = 1000

// sentence is the function of that name, remembered.
func (w *wordings) sentence(r Rule, t reflect.Type) string {
	if len(r.Any) > 0 {
		return sentence(r, t)
	}
	key := wording{r.Name, r.Param, t}
	w.mu.RLock()
	text, ok := w.texts[key]
	w.mu.RUnlock()
	if ok {
		return text
	}
	text = sentence(r, t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.texts == nil {
		w.texts = make(map[wording]string)
	}
	if len(w.texts) < maxWordings {
		w.texts[key] = text
	}
	return text
}
