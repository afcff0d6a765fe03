package huma

import "github.com/apiroutes/apiroutes/internal/bench/work"

// huma reads JSON Schema words from its own tags; members are required unless
// they say otherwise.

type newAddress struct {
	Street  string `json:"street" minLength:"1" maxLength:"80"`
	City    string `json:"city" minLength:"1" maxLength:"60"`
	Zip     string `json:"zip" minLength:"4" maxLength:"10"`
	Country string `json:"country" minLength:"2" maxLength:"2"`
}

type newUser struct {
	Name       string     `json:"name" minLength:"2" maxLength:"64"`
	Email      string     `json:"email" format:"email"`
	Age        int        `json:"age" minimum:"18" maximum:"120"`
	Role       string     `json:"role" enum:"admin,member,guest"`
	Bio        string     `json:"bio,omitempty" maxLength:"500"`
	Newsletter bool       `json:"newsletter,omitempty"`
	Address    newAddress `json:"address"`
	Tags       []string   `json:"tags" minItems:"1" maxItems:"10" minLength:"1" maxLength:"20"`
}

func (in newUser) echo() work.User {
	return work.User{
		ID: 7, Name: in.Name, Email: in.Email, Age: in.Age, Role: in.Role, Bio: in.Bio,
		Newsletter: in.Newsletter, Address: work.Address(in.Address), Tags: in.Tags,
	}
}

type member struct {
	Name  string   `json:"name" minLength:"2" maxLength:"64"`
	Email string   `json:"email" format:"email"`
	Age   int      `json:"age" minimum:"18" maximum:"120"`
	Role  string   `json:"role" enum:"admin,member,guest"`
	Tags  []string `json:"tags" minItems:"1" maxItems:"10" minLength:"1" maxLength:"20"`
}

type batch struct {
	Items []member `json:"items" minItems:"1" maxItems:"1000"`
}

func (in batch) imported() work.Imported {
	out := work.Imported{Count: len(in.Items)}
	for i := range in.Items {
		out.Ages += in.Items[i].Age
	}
	return out
}
