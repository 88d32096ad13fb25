package row

import (
	"bytes"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

func TestAValueStaysSmall(t *testing.T) {
	if size := unsafe.Sizeof(Value{}); size > 24 {
		t.Errorf("a Value takes %d bytes", size)
	}
}

// drawNested draws values that are nested up to a depth.
func drawNested(t *rapid.T, depth int) Value {
	switch rapid.IntRange(0, 4+min(depth, 1)*3).Draw(t, "kind") {
	case 0:
		return Value{}
	case 1:
		return NewInt(int64(rapid.IntRange(-1, 1).Draw(t, "n")))
	case 2:
		return NewString(rapid.SampledFrom([]string{"", "a", "ab", "b"}).Draw(t, "s"))
	case 3:
		return NewDouble(rapid.SampledFrom([]float64{0, -1, 1.5}).Draw(t, "f"))
	case 4:
		return NewBytes([]byte(rapid.SampledFrom([]string{"", "a"}).Draw(t, "b")))
	case 5:
		return NewStruct([]string{"X", "Y"}, []Value{drawNested(t, depth-1), drawNested(t, depth-1)})
	case 6:
		keys := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 0, 3).Draw(t, "keys")
		values := make([]Value, len(keys))
		for i := range values {
			values[i] = drawNested(t, depth-1)
		}
		return NewMap(keys, values)
	}
	elements := make([]Value, rapid.IntRange(0, 2).Draw(t, "length"))
	for i := range elements {
		elements[i] = drawNested(t, depth-1)
	}
	return NewArray(elements)
}

// Equality, order, hash and key encoding agree for any two values.
func TestNestedValuesAreOfOneMind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNested(t, 2), drawNested(t, 2)
		equal := Equal(a, b)
		if (Compare(a, b) == 0) != equal {
			t.Fatalf("%s and %s: equal %v, order %d", a, b, equal, Compare(a, b))
		}
		if Compare(a, b) != -Compare(b, a) {
			t.Fatalf("%s and %s: order %d and %d", a, b, Compare(a, b), Compare(b, a))
		}
		if EqualValues([]Value{a}, []Value{b}) != equal || a.equal(&b) != equal {
			t.Fatalf("%s and %s: equal %v, but not so as tuples", a, b, equal)
		}
		if bytes.Equal(AppendKey(nil, a), AppendKey(nil, b)) != equal {
			t.Fatalf("%s and %s: keys say otherwise than equality, %v", a, b, equal)
		}
		if equal && Hash([]Value{a}) != Hash([]Value{b}) {
			t.Fatalf("%s and %s are equal and their hashes are not", a, b)
		}
		if c := a.Clone(); !Equal(a, c) || a.String() != c.String() {
			t.Fatalf("%s is cloned as %s", a, c)
		}
	})
}

// Values that differ only inside are not told apart by their words alone.
func TestNestedValuesThatDifferInsideAreDifferent(t *testing.T) {
	array := func(v Value) Value { return NewArray([]Value{v}) }
	for _, wrap := range []func(Value) Value{
		array,
		func(v Value) Value { return array(array(v)) },
		func(v Value) Value { return NewMap([]string{"k"}, []Value{v}) },
		func(v Value) Value { return NewStruct([]string{"F"}, []Value{array(v)}) },
	} {
		a, b := wrap(NewInt(1)), wrap(NewInt(2))
		if EqualValues([]Value{a}, []Value{b}) || Equal(a, b) {
			t.Errorf("%s and %s are equal", a, b)
		}
		if again := wrap(NewInt(1)); !EqualValues([]Value{a}, []Value{again}) {
			t.Errorf("%s and %s are different", a, again)
		}
		x, y := &Change{Values: []Value{a}}, &Change{Values: []Value{b}}
		if EqualRow(x, y) || Digest(x, nil) == Digest(y, nil) {
			t.Errorf("rows of %s and %s are equal, or their digests are", a, b)
		}
	}
}

func TestAMapHasEachKeyOnceInOrder(t *testing.T) {
	m := NewMap([]string{"b", "a", "b"}, []Value{NewInt(1), NewInt(2), NewInt(3)})
	if got, want := m.String(), `{"a":2,"b":3}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if v, ok := m.Lookup("b"); !ok || v.Int64() != 3 {
		t.Errorf("b is %s", v)
	}
	if _, ok := m.Lookup("c"); ok {
		t.Error("c is there")
	}
}

func TestACloneOfANestedValueHasItsOwnText(t *testing.T) {
	text := []byte("abc")
	shared := unsafe.String(&text[0], len(text))
	v := NewArray([]Value{NewString(shared), NewMap([]string{shared}, []Value{NewString(shared)})})
	own := v.Clone()
	copy(text, "xyz")
	if got, want := own.String(), `["abc",{"abc":"abc"}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAColumnOfArrays(t *testing.T) {
	elem := Of(Int)
	v := NewVector(Type{Kind: Array, Elem: &elem})
	v.AppendNull()
	v.AppendNested(NewArray([]Value{NewInt(1)}))
	v.AppendNested(NewArray(nil))
	var texts []string
	for i := range v.Len() {
		texts = append(texts, v.Value(i).String())
	}
	if !slices.Equal(texts, []string{"NULL", "[1]", "[]"}) {
		t.Errorf("got %s", texts)
	}
}
