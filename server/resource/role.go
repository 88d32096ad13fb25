package resource

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a client may do. Each includes those before it.
type Role string

// The roles.
const (
	View    Role = "view"    // read
	Operate Role = "operate" // and pause, resume, go back, explain, propose rules, read profiles
	Deploy  Role = "deploy"  // and go forward, accept, change rules, deploy, remove
)

// roles are all roles, each includes those before it.
var roles = []Role{View, Operate, Deploy}

// ParseRole reads a role.
func ParseRole(text string) (Role, error) {
	if r := Role(text); slices.Contains(roles, r) {
		return r, nil
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return "", fmt.Errorf("%q is not a role; the roles are %s", text, strings.Join(names, ", "))
}

// Includes reports whether a client with this role may do what the other one allows.
func (r Role) Includes(other Role) bool {
	needed := slices.Index(roles, other)
	return needed >= 0 && slices.Index(roles, r) >= needed
}

// Actor is who asks for a change.
type Actor struct {
	Name string
	Role Role
}
