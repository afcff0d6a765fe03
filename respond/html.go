package respond

// HTML is a payload that [Response.Send] answers as text/html. It is sent as it is:
// build it with html/template, which escapes.
type HTML string
