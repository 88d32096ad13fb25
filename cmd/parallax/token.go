package main

import (
	"encoding/json"
	"fmt"
	"time"

	"parallax/server/access"
	"parallax/server/resource"
)

type tokenCommand struct {
	New newTokenCommand `cmd:"" help:"Make a token, and add its hash to a file."`
}

type newTokenCommand struct {
	Role string `help:"What its owner may do: view, operate or deploy." required:"" enum:"view,operate,deploy"`
	Name string `help:"Whom the audit names; the default is made of the role and the token's hash." placeholder:"N"`
	File string `help:"The file of hashes, for serve's --tokens; it is created if there is none." default:"parallax.tokens" placeholder:"F"`
}

func (newTokenCommand) Help() string {
	return examples(
		"parallax token new --role deploy --name anna",
		"parallax token new --role view --name prometheus --file /etc/parallax/tokens",
	) + "\n\nThe token is written to standard output once. Delete its line in the file to revoke it."
}

func (c *newTokenCommand) Run(e *env) error {
	token, by, err := access.NewToken(c.File, resource.Role(c.Role), c.Name, time.Now())
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]string{"token": token, "name": by.Name, "role": string(by.Role), "file": c.File})
	}
	fmt.Fprintf(e.errs, "%s has the hash of the token of %s, with the role %s; the token itself is shown only here:\n", c.File, by.Name, by.Role)
	_, err = fmt.Fprintln(e.out, token)
	return err
}
