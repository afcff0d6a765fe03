package typed

import (
	"encoding/json"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// Optional is a member of a JSON body that may be absent, where null is refused; or a query
// parameter, header field, cookie or form field of a scalar T. The zero Optional is absent,
// and is left out when it is written, by [Endpoint.Path] as well. T is read as strictly as
// in any other field, and is not a pointer.
//
// Rules judge a T that was sent, also if it is zero, and say nothing to an absent one;
// required means that it has to be sent. It has no default: [Optional.Or] says what stands
// for an absent one. It may be read by several goroutines at once.
type Optional[T any] struct {
	_     presence.Optional
	value T
	state presence.State
}

// Some is an Optional that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, state: presence.Present} }

// Get returns the value, and whether it was sent; if not, the zero T.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == presence.Present }

// Or returns the value, or fallback where it is absent.
func (o Optional[T]) Or(fallback T) T {
	if o.state == presence.Present {
		return o.value
	}
	return fallback
}

// IsZero reports whether o is absent, for the json option omitzero.
func (o Optional[T]) IsZero() bool { return o.state == presence.Absent }

// ValidatorValue is what rules judge: a pointer, nil where o is absent.
func (o Optional[T]) ValidatorValue() any {
	if o.state != presence.Present {
		return (*T)(nil)
	}
	return &o.value
}

// MarshalJSON is for encoding/json; an absent value is null there, without omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != presence.Present {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON is for encoding/json.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" { // as encoding/json has it, null changes nothing
		return nil
	}
	o.state = presence.Present
	return json.Unmarshal(b, &o.value)
}

// Nullable is a member of a JSON body that may be absent, null, or a T: what a JSON Merge
// Patch (RFC 7396) is made of. The zero Nullable is absent, and is left out when it is
// written. T is decoded as strictly as any member, and is not a pointer.
//
// Rules judge a T that was sent, also if it is zero, and say nothing to null and an absent
// one; required means that a T or null has to be sent. It may be read by several
// goroutines at once.
type Nullable[T any] struct {
	_     presence.Nullable
	value T
	state presence.State
}

// Null is a Nullable that is null.
func Null[T any]() Nullable[T] { return Nullable[T]{state: presence.Null} }

// NullableOf is a Nullable that holds v.
func NullableOf[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: presence.Present} }

// Get returns the value, nil for null, and whether anything was sent.
func (n Nullable[T]) Get() (v *T, sent bool) {
	if n.state == presence.Present {
		return &n.value, true
	}
	return nil, n.state == presence.Null
}

// Or returns what old becomes: the value, nil for null, and old where nothing was sent.
func (n Nullable[T]) Or(old *T) *T {
	if v, sent := n.Get(); sent {
		return v
	}
	return old
}

// IsZero reports whether n is absent, for the json option omitzero.
func (n Nullable[T]) IsZero() bool { return n.state == presence.Absent }

// ValidatorValue is what rules judge: a pointer, nil where n is absent or null.
func (n Nullable[T]) ValidatorValue() any {
	v, _ := n.Get()
	return v
}

// MarshalJSON is for encoding/json; an absent value is null there, without omitzero.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	v, _ := n.Get()
	return json.Marshal(v)
}

// UnmarshalJSON is for encoding/json.
func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Null[T]()
		return nil
	}
	n.state = presence.Present
	return json.Unmarshal(b, &n.value)
}
