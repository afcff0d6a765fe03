package rules_test

import "testing"

// Rules about other fields: each name must lead to a field that validator can compare.
func TestAuditRefusesFields(t *testing.T) {
	t.Parallel()
	requireRefused(t, []refusal{
		{"no such field", struct {
			A string `validate:"eqfield=B"`
		}{}, `field A: tag eqfield=B: there is no field "B"`},
		{"no field named", struct {
			A string `validate:"eqfield="`
		}{}, "field A: tag eqfield=: it names no field"},
		{"other kind", struct {
			A string `validate:"eqfield=B"`
			B int
		}{}, "field A: tag eqfield=B: string cannot be compared with int"},
		{"behind embedded pointer", struct {
			*Embedded
			A string `validate:"eqfield=Inside"`
		}{}, `field A: tag eqfield=Inside: the field "Inside" lies behind an embedded pointer`},
		{"postcode of a pointer", struct {
			A string `validate:"postcode_iso3166_alpha2_field=B"`
			B *string
		}{}, "field A: tag postcode_iso3166_alpha2_field=B: validator panics unless"},
		{"no fields", struct {
			A string `validate:"required_with="`
		}{}, "field A: tag required_with=: it names no field"},
		{"missing among fields", struct {
			A string `validate:"required_with=B C"`
			B string
		}{}, `field A: tag required_with=B C: there is no field "C"`},
		{"odd pairs", struct {
			A string `validate:"required_if=A"`
		}{}, "field A: tag required_if=A: fields and values do not pair up"},
		{"pair twice", struct {
			A string `validate:"required_if=B x B y"`
			B string
		}{}, "field A: tag required_if=B x B y: validator panics on a field named twice"},
		{"pair of no field", struct {
			A string `validate:"required_if=B x"`
		}{}, `field A: tag required_if=B x: there is no field "B"`},
		{"pair with int", struct {
			A string `validate:"required_if=B x"`
			B int
		}{}, `field A: tag required_if=B x: "x" is no value of kind int`},
		{"pair with uint", struct {
			A string `validate:"required_if=B x"`
			B uint
		}{}, `field A: tag required_if=B x: "x" is no value`},
		{"pair with float", struct {
			A string `validate:"required_if=B x"`
			B float32
		}{}, `field A: tag required_if=B x: "x" is no value`},
		{"pair with bool", struct {
			A string `validate:"required_if=B 1"`
			B bool
		}{}, `field A: tag required_if=B 1: "1" is neither true nor false`},
		{"pair with slice", struct {
			A string `validate:"required_if=B x"`
			B []int
		}{}, `field A: tag required_if=B x: "x" is no value`},
		{"pair with any", struct {
			A string `validate:"required_if=B x"`
			B any
		}{}, "field A: tag required_if=B x: a client chooses"},
		{"pair with struct", struct {
			A string `validate:"required_if=B x"`
			B ruled
		}{}, "field A: tag required_if=B x: struct never equals"},
		{"path to nowhere", struct {
			A string `validate:"eqfield=A.B"`
		}{}, `field A: tag eqfield=A.B: "A.B" does not lead to a field`},
		{"index of nothing", struct {
			A string `validate:"eqfield=A[0]"`
		}{}, `field A: tag eqfield=A[0]: "A[0]" has an index where there is nothing to index`},
		{"index without end", struct {
			A string `validate:"eqfield=B[0"`
			B []string
		}{}, `field A: tag eqfield=B[0: "B[0" lacks a closing bracket`},
		{"index by name", struct {
			A string `validate:"eqfield=B[x]"`
			B []string
		}{}, `field A: tag eqfield=B[x]: "B[x]" has an index that is no number`},
		{"nil pointer after a condition", struct {
			A *int `validate:"required_if=B x,min=3"`
			B string
		}{}, "field A: tag min=3: where required_if=B x lets a nil pointer pass, validator refuses it here or panics: put omitempty"},
		{"nil pointer to dive into", struct {
			A *[]int `validate:"excluded_with=B,required,dive"`
			B string
		}{}, "field A: tag dive: where excluded_with=B lets a nil pointer pass"},
		{"nil pointer among alternatives", struct {
			A []*int `validate:"dive,required_with=B|min=3"`
			B string
		}{}, "field A: tag required_with=B|min=3: where required_with=B|min=3 lets a nil pointer pass"},
	})
}
