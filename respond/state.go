package respond

import "net/http"

// outlet is where an Answer comes from: one way to answer, in the Response or
// outcome set of one request. Its address is the identity that the pipeline checks.
type outlet struct {
	state *state
}

// state is an outlet's binding, and what has been said on it so far. It does not change
// for an Answer: an outlet of which more is said gets another one, so that an Answer keeps
// the one it was made with. Those that say nothing unusual share the states that their
// plan foresaw. Nil is the zero state.
type state struct {
	binding binding
	said    draft
	held    *state // that of a Response which holds a payload as well; nil: not foreseen
}

// draft is what has been said so far.
type draft struct {
	extras  *extras // nil: none
	status  int32   // 0: the default
	noStore bool
	holds   bool // an Answer's payload is where the Response holds one
}

// extras are what most answers do without. They are never changed either.
type extras struct {
	header []field
	tags   []string
	err    error // the first thing wrong with a call
}

func (s *state) draft() draft {
	if s == nil {
		return draft{}
	}
	return s.said
}

// plan is nil where the outlet was made by hand, not for a request.
func (s *state) plan() *Plan {
	if s == nil {
		return nil
	}
	return s.binding.plan
}

// with returns the state in which d has been said.
func (s *state) with(d draft) *state {
	if s.draft() == d {
		return s
	}
	p := s.plan()
	if p == nil {
		return &state{said: d}
	}
	if !p.set.IsValid() {
		for i := range p.states {
			if p.states[i].said == d {
				return &p.states[i]
			}
		}
	}
	return &state{binding: s.binding, said: d}
}

// say replaces what has been said.
func (o *outlet) say(d draft) { o.state = o.state.with(d) }

// redirectStatus is the status of a redirect that says none.
func (s *state) redirectStatus() int {
	const usual = http.StatusTemporaryRedirect
	if p := s.plan(); p != nil && isRedirect(int(s.binding.status)) && !p.declares(usual) {
		return int(s.binding.status)
	}
	return usual
}

// redirect makes an Answer that sends the client to a target that passes the check.
func redirect(from *outlet, d draft, target string, check func(string) (string, error)) (Answer, error) {
	location, err := check(target)
	if err != nil {
		return Answer{}, err
	}
	if d.status == 0 {
		d.setStatus(from.state.redirectStatus())
	}
	d.add(field{"Location", location}, nil)
	return Answer{from: from, state: from.state.with(d), kind: kindRedirect}, nil
}

// get returns a copy; nil has nothing in it.
func (e *extras) get() extras {
	if e == nil {
		return extras{}
	}
	return *e
}

// holding is the draft of a Response that holds a payload.
func (d draft) holding() draft {
	d.holds = true
	return d
}

// setStatus keeps a code that is none of HTTP's for the refusal, but not its value.
func (d *draft) setStatus(code int) {
	if code < 0 || code > 999 {
		code = -1
	}
	d.status = int32(code)
}

func (d *draft) setHeader(name, value string) { d.add(newField(name, value)) }

func (d *draft) setCookie(c *http.Cookie) { d.add(newCookie(c)) }

// add leaves alone what an earlier state holds: hence the full slice expression.
func (d *draft) add(f field, err error) {
	e := d.extras.get()
	switch {
	case err == nil:
		e.header = append(e.header[:len(e.header):len(e.header)], f)
	case e.err == nil:
		e.err = err
	}
	d.extras = &e
}

func (d *draft) addTags(tags []string) {
	e := d.extras.get()
	e.tags = append(e.tags[:len(e.tags):len(e.tags)], tags...)
	d.extras = &e
}
