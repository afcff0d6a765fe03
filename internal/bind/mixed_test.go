package bind_test

import (
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/google/go-cmp/cmp"
)

type page struct {
	Limit int `query:"limit" default:"20"`
	After int `query:"after"`
}

// Methods are what reflect.StructOf cannot embed.
func (page) String() string { return "a page" }

// Audit has members and is exported, so that it can be embedded by pointer.
type Audit struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

func (*Audit) Check() error { return nil }

// Trace has parameters alone.
type Trace struct {
	ID string `header:"X-Trace"`
}

type mixed struct {
	ID int `path:"id"`
	page
	Name string `json:"name"`
	Audit
	*Trace
	Nick  *string           `json:"nick,omitempty"`
	Tags  []string          `json:"tags"`
	Wait  time.Duration     `json:"wait"`
	Any   any               `json:"any"`
	Extra map[string]string `json:",omitempty"`
	Skip  string            `json:"-"`
	note  string
}

func mixedOptions() bind.Options {
	return bind.Options{Method: "POST", PathNames: []string{"id"}}
}

func TestMixed(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	nick := "A"
	body := `{"name":"Ada","reason":"why","at":"2024-01-02T03:04:05Z","nick":"A","tags":["x"],"wait":"1h30m","any":[1],"Extra":{"a":"b"}}`
	r := post(body, jsonType, "X-Trace", "t")
	r.URL.RawQuery = "after=3"
	got, rejection := bound[mixed](t, mixedOptions(), r, "7")
	accepted(t, rejection)
	equal(t, mixed{
		ID: 7, note: "", page: page{20, 3}, Name: "Ada", Audit: Audit{"why", at}, Trace: &Trace{"t"}, Nick: &nick,
		Tags: []string{"x"}, Wait: 90 * time.Minute, Any: []any{1.0}, Extra: map[string]string{"a": "b"},
	}, got)

	// The view is pooled: what one request left out must not be another's.
	got, rejection = bound[mixed](t, mixedOptions(), post(`{}`, jsonType), "8")
	accepted(t, rejection)
	equal(t, mixed{ID: 8, page: page{Limit: 20}, Trace: &Trace{}}, got)
}

func TestMixedRefused(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		// A member that names a field of another source is unknown, under either name.
		{`{"id":1}`, "Unprocessable Content; body /id unknown"},
		{`{"ID":1}`, "Unprocessable Content; body /ID unknown"},
		{`{"limit":1}`, "Unprocessable Content; body /limit unknown"},
		{`{"Limit":1}`, "Unprocessable Content; body /Limit unknown"},
		{`{"Skip":"x"}`, "Unprocessable Content; body /Skip unknown"},
		{`{"note":"x"}`, "Unprocessable Content; body /note unknown"},
		{`{"page":{}}`, "Unprocessable Content; body /page unknown"},
		{`{"Audit":{}}`, "Unprocessable Content; body /Audit unknown"},
		{`{"extra":{}}`, "Unprocessable Content; body /extra unknown"},
		{`{"name":null}`, "Unprocessable Content; body /name null"},
		{`{"reason":1}`, "Unprocessable Content; body /reason type"},
		{`{"nick":null,"any":null}`, ""},
		{`null`, "Unprocessable Content; body  null"},
		{``, "Bad Request; body  empty"},
		{`{"name":"a","name":"b"}`, "Bad Request; body /name duplicate"},
	} {
		_, r := bound[mixed](t, mixedOptions(), post(tt.body, jsonType), "7")
		if brief(r) != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, brief(r), tt.want)
		}
	}
	o := mixedOptions()
	o.AllowUnknown = true
	got, r := bound[mixed](t, o, post(`{"id":1,"limit":2,"name":"a"}`, jsonType), "7")
	accepted(t, r)
	if got.ID != 7 || got.Limit != 20 || got.Name != "a" {
		t.Errorf("a member set a parameter: %+v", got)
	}
}

// Two embedded structs may use one Go name for members of different names.
func TestMembersOfOneGoName(t *testing.T) {
	type left struct {
		Value int `json:"left"`
	}
	type right struct {
		Value int `json:",omitzero"`
	}
	type in struct {
		Q string `query:"q"`
		left
		right
	}
	got, r := bound[in](t, bind.Options{}, post(`{"left":1,"Value":2}`, jsonType))
	accepted(t, r)
	equal(t, in{left: left{1}, right: right{2}}, got)
}

// Methods of an embedded type are promoted to the request type and must not decode it.
type inner struct {
	Name string `json:"name"`
	Note string `json:"note"`
}

type middle struct {
	inner
	Note string `json:"note"`
}

// The member that is embedded least deeply hides the others of its name, whichever
// comes first.
func TestShadowedMembers(t *testing.T) {
	type before struct {
		ID int `path:"id"`
		middle
		Name string `json:"name"`
	}
	type after struct {
		Name string `json:"name"`
		middle
		ID int `path:"id"`
	}
	o := bind.Options{Method: "PUT", PathNames: []string{"id"}}
	body := `{"name":"n","note":"m"}`
	first, r := bound[before](t, o, post(body, jsonType), "7")
	accepted(t, r)
	equal(t, before{7, middle{Note: "m"}, "n"}, first)
	second, r := bound[after](t, o, post(body, jsonType), "7")
	accepted(t, r)
	equal(t, after{"n", middle{Note: "m"}, 7}, second)
	var paths []string
	for _, f := range compile[before](t, o).Fields() {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"ID", "middle.Note", "Name"}, paths); diff != "" {
		t.Error(diff)
	}
}

func TestPromotedMethodsAreNotCalled(t *testing.T) {
	type in struct {
		color `query:"color"`
		Color color  `query:"tint"`
		Name  string `json:"name"`
	}
	_, faults := bind.Compile(typeOf[in](), bind.Options{})
	if len(faults) != 1 || faults[0].Field != "color" {
		t.Errorf("an unexported embedded parameter: %+v", faults)
	}

	type ok struct {
		Time time.Time `query:"at"`
		Stamp
		Name string `json:"name"`
	}
	got, r := bound[ok](t, bind.Options{}, post(`{"name":"Ada","by":"me"}`, jsonType))
	accepted(t, r)
	equal(t, ok{Name: "Ada", Stamp: Stamp{By: "me"}}, got)
}

// Stamp has a method that the codec could mistake for something.
type Stamp struct {
	By string `json:"by"`
}

// MarshalText is an encoder's business, not a decoder's.
func (Stamp) MarshalText() ([]byte, error) { return nil, nil }

func TestFieldsAndBodyType(t *testing.T) {
	plan := compile[mixed](t, mixedOptions())
	var got []string
	for _, f := range plan.Fields() {
		got = append(got, f.Source.String()+" "+f.Name+" "+f.Path+" "+f.Default())
	}
	want := []string{
		"path id ID ", "query limit page.Limit 20", "query after page.After ", "body name Name ",
		"body reason Audit.Reason ", "body at Audit.At ", "header X-Trace Trace.ID ", "body nick Nick ",
		"body tags Tags ", "body wait Wait ", "body any Any ", "body Extra Extra ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if plan.BodyKind() != bind.JSONBody || plan.BodyType() != nil || !plan.BodyRequired() {
		t.Errorf("mixed: %v %v", plan.BodyKind(), plan.BodyType())
	}
	if plan := compile[user](t, bind.Options{}); plan.BodyType() != typeOf[user]() || len(plan.Fields()) != 0 {
		t.Errorf("whole: %v", plan.BodyType())
	}
	type optional struct {
		Body *user `body:""`
	}
	if plan := compile[optional](t, bind.Options{}); plan.BodyType() != typeOf[*user]() || plan.Fields()[0].Source != bind.Body {
		t.Errorf("field: %v", plan.BodyType())
	}
	if _, err := jsonx.NewDecoder(typeOf[mixed](), jsonx.Options{}); err != nil {
		t.Logf("the codec alone says: %v", err)
	}
}
