package service

import (
	"testing"
	"time"

	"parallax/shadow/stage"
)

func TestOnlyAVerifiedStageHasAnEmission(t *testing.T) {
	s := stage.Status{Emission: stage.Emission{RowsOfV2: 7, WaitP50: 1500 * time.Microsecond, WaitP99: time.Second}}
	if e := emissionOf(s); e != nil {
		t.Errorf("shadow has %+v", e)
	}
	s.Stage = stage.Stage{Kind: stage.Canary, Percent: 5}
	e := emissionOf(s)
	if e == nil || e.V2Rows != 7 || e.WaitP50MS != 1.5 || e.WaitP99MS != 1000 || e.Fallbacks == nil {
		t.Errorf("a canary has %+v", e)
	}
}
