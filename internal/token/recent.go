package token

// recent is a map that forgets what was not used lately. It has two
// generations: when the young one is half the limit it becomes the old one,
// and the old one is dropped. Its user locks it.
type recent[K comparable, V any] struct {
	half       int
	young, old map[K]V
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{half: max(limit/2, 1), young: map[K]V{}}
}

// get changes nothing, so that readers can share a lock.
func (r *recent[K, V]) get(key K) (V, bool) {
	if v, ok := r.young[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	return v, ok
}

// aging reports whether key is in the generation that will be dropped next,
// and should be put again by whoever uses it.
func (r *recent[K, V]) aging(key K) bool {
	_, young := r.young[key]
	return !young
}

func (r *recent[K, V]) put(key K, v V) {
	if _, there := r.young[key]; !there && len(r.young) >= r.half {
		r.old, r.young = r.young, map[K]V{}
	}
	r.young[key] = v
}

func (r *recent[K, V]) drop(key K) {
	delete(r.young, key)
	delete(r.old, key)
}

func (r *recent[K, V]) clear() {
	clear(r.young)
	r.old = nil
}
