package work

// Greeting is the answer of W1.
type Greeting struct {
	Message string `json:"message"`
}

// Lookup is the answer of W2: the four parameters as they were understood.
type Lookup struct {
	ID      int    `json:"id"`
	Verbose bool   `json:"verbose"`
	Limit   int    `json:"limit"`
	Trace   string `json:"trace"`
}

// Address is the nested part of a [NewUser].
type Address struct {
	Street  string `json:"street" validate:"required,max=80"`
	City    string `json:"city" validate:"required,max=60"`
	Zip     string `json:"zip" validate:"required,min=4,max=10"`
	Country string `json:"country" validate:"required,len=2"`
}

// NewUser is the body of W3 and W6. Contenders that read another tag for their
// rules carry a copy with the same rules in their own words.
type NewUser struct {
	Name       string   `json:"name" validate:"required,min=2,max=64"`
	Email      string   `json:"email" validate:"required,email"`
	Age        int      `json:"age" validate:"min=18,max=120"`
	Role       string   `json:"role" validate:"required,oneof=admin member guest"`
	Bio        string   `json:"bio" validate:"max=500"`
	Newsletter bool     `json:"newsletter"`
	Address    Address  `json:"address" validate:"required"`
	Tags       []string `json:"tags" validate:"required,min=1,max=10,dive,required,max=20"`
}

// User is the answer of W3: the body echoed, with an id.
type User struct {
	ID         int      `json:"id"`
	Name       string   `json:"name"`
	Email      string   `json:"email"`
	Age        int      `json:"age"`
	Role       string   `json:"role"`
	Bio        string   `json:"bio"`
	Newsletter bool     `json:"newsletter"`
	Address    Address  `json:"address"`
	Tags       []string `json:"tags"`
}

// Echo is the handler's own work in W3.
func Echo(in NewUser) User {
	return User{
		ID: 7, Name: in.Name, Email: in.Email, Age: in.Age, Role: in.Role, Bio: in.Bio,
		Newsletter: in.Newsletter, Address: in.Address, Tags: in.Tags,
	}
}

// Member is one item of a [Batch].
type Member struct {
	Name  string   `json:"name" validate:"required,min=2,max=64"`
	Email string   `json:"email" validate:"required,email"`
	Age   int      `json:"age" validate:"min=18,max=120"`
	Role  string   `json:"role" validate:"required,oneof=admin member guest"`
	Tags  []string `json:"tags" validate:"required,min=1,max=10,dive,required,max=20"`
}

// Batch is the body of W4.
type Batch struct {
	Items []Member `json:"items" validate:"required,min=1,max=1000,dive"`
}

// Imported is the answer of W4.
type Imported struct {
	Count int `json:"count"`
	Ages  int `json:"ages"`
}

// Import is the handler's own work in W4: it has looked at every item.
func Import(in Batch) Imported {
	out := Imported{Count: len(in.Items)}
	for i := range in.Items {
		out.Ages += in.Items[i].Age
	}
	return out
}

// Row is one of the thousand rows that W5 answers.
type Row struct {
	ID     int      `json:"id"`
	Name   string   `json:"name"`
	Email  string   `json:"email"`
	Active bool     `json:"active"`
	Score  float64  `json:"score"`
	Tags   []string `json:"tags"`
}
