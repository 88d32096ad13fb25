package resource_test

import (
	"testing"

	"parallax/server/resource"
	"parallax/shadow/stage"
)

func TestARoleIncludesThoseBeforeIt(t *testing.T) {
	order := []resource.Role{"", resource.View, resource.Operate, resource.Deploy}
	for i, has := range order {
		for j, needed := range order {
			if got, want := has.Includes(needed), j > 0 && i >= j; got != want {
				t.Errorf("%q includes %q: %v, want %v", has, needed, got, want)
			}
		}
	}
	if _, err := resource.ParseRole("admin"); err == nil {
		t.Error("admin is a role")
	}
	if resource.Deploy.Includes("admin") {
		t.Error("deploy includes a role that does not exist")
	}
}

// Going back makes nothing worse, so it needs less than going forward.
func TestTheRoleThatAChangeOfStageNeeds(t *testing.T) {
	now := stage.Stage{Kind: stage.Canary, Percent: 5}
	for to, want := range map[string]resource.Role{
		"next": resource.Deploy, "release": resource.Deploy, "back": resource.Operate,
		"shadow": resource.Operate, "canary:1": resource.Operate,
		"canary:5": resource.Deploy, "canary:25": resource.Deploy, "promoted": resource.Deploy, "done": resource.Deploy,
	} {
		if got, err := (resource.StageRequest{To: to}).Needs(now); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", to, got, err, want)
		}
		if got, err := (resource.StageRequest{To: to, Force: true}).Needs(now); got != resource.Deploy || err != nil {
			t.Errorf("%s with force: %q, %v", to, got, err)
		}
	}
	if _, err := (resource.StageRequest{To: "canary:500"}).Needs(now); err == nil {
		t.Error("canary:500 needs a role")
	}
}
