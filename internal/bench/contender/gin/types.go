package gin

import "github.com/apiroutes/apiroutes/internal/bench/work"

// gin reads its rules from the binding tag and one source at a time.

type userPath struct {
	ID int `uri:"id" binding:"min=1"`
}

type userQuery struct {
	Verbose bool `form:"verbose"`
	Limit   int  `form:"limit,default=20" binding:"min=1,max=100"`
}

type userHeader struct {
	Trace string `header:"X-Trace" binding:"max=64"`
}

type address struct {
	Street  string `json:"street" binding:"required,max=80"`
	City    string `json:"city" binding:"required,max=60"`
	Zip     string `json:"zip" binding:"required,min=4,max=10"`
	Country string `json:"country" binding:"required,len=2"`
}

type newUser struct {
	Name       string   `json:"name" binding:"required,min=2,max=64"`
	Email      string   `json:"email" binding:"required,email"`
	Age        int      `json:"age" binding:"min=18,max=120"`
	Role       string   `json:"role" binding:"required,oneof=admin member guest"`
	Bio        string   `json:"bio" binding:"max=500"`
	Newsletter bool     `json:"newsletter"`
	Address    address  `json:"address" binding:"required"`
	Tags       []string `json:"tags" binding:"required,min=1,max=10,dive,required,max=20"`
}

func (in newUser) echo() work.User {
	return work.User{
		ID: 7, Name: in.Name, Email: in.Email, Age: in.Age, Role: in.Role, Bio: in.Bio,
		Newsletter: in.Newsletter, Address: work.Address(in.Address), Tags: in.Tags,
	}
}

type member struct {
	Name  string   `json:"name" binding:"required,min=2,max=64"`
	Email string   `json:"email" binding:"required,email"`
	Age   int      `json:"age" binding:"min=18,max=120"`
	Role  string   `json:"role" binding:"required,oneof=admin member guest"`
	Tags  []string `json:"tags" binding:"required,min=1,max=10,dive,required,max=20"`
}

type batch struct {
	Items []member `json:"items" binding:"required,min=1,max=1000,dive"`
}

func (in batch) imported() work.Imported {
	out := work.Imported{Count: len(in.Items)}
	for i := range in.Items {
		out.Ages += in.Items[i].Age
	}
	return out
}
