"""Builds an index with one library and asks it everything: what `vectors.py` starts for each peer, in a process of its own.

usage: vectors_peer.py NAME BASE.fbin QUERIES.fbin THREADS EF...
Prints the objects of JSON that the example `index` prints with `--json`: as the build begins, as it ends, for each ef.
The vectors are mapped, not read: memory that is anonymous is the library's, or its interpreter's. One more object, first, says what
a call from Python takes of each query: the median time against an index of ten vectors.
"""

import gc
import json
import statistics
import sys
import time

import numpy as np

M, EF_CONSTRUCTION, K = 48, 200, 10


class Hnswlib:
    def __init__(self, dim, most, threads):
        import hnswlib

        self.index, self.threads = hnswlib.Index(space="l2", dim=dim), threads
        self.index.init_index(max_elements=most, ef_construction=EF_CONSTRUCTION, M=M)

    def build(self, base):
        self.index.add_items(base, num_threads=self.threads)

    def ef(self, ef):
        self.index.set_ef(ef)

    def search(self, query):
        return self.index.knn_query(query, k=K, num_threads=1)[0][0]


class Usearch:
    def __init__(self, dim, most, threads, dtype, metric):
        from usearch.index import Index

        self.threads = threads
        self.index = Index(
            ndim=dim, metric=metric, dtype=dtype, connectivity=M, expansion_add=EF_CONSTRUCTION
        )

    def build(self, base):
        self.index.add(np.arange(len(base), dtype=np.uint64), base, threads=self.threads)

    def ef(self, ef):
        self.index.expansion_search = ef

    def search(self, query):
        return self.index.search(query[0], K, threads=1).keys


class Faiss:
    def __init__(self, dim, most, threads, scalar):
        import faiss

        self.faiss, self.threads = faiss, threads
        if scalar:
            self.index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit, M)
        else:
            self.index = faiss.IndexHNSWFlat(dim, M)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION

    def build(self, base):
        self.faiss.omp_set_num_threads(self.threads)
        # The ranges of codes of eight bits; a flat index learns nothing. So many rows are enough, and held twice for a while.
        self.index.train(base[:10_000])
        self.index.add(base)
        self.faiss.omp_set_num_threads(1)

    def ef(self, ef):
        self.index.hnsw.efSearch = ef

    def search(self, query):
        return self.index.search(query, K)[1][0]


# Vectors have length 1, so that the cosine, for which usearch's i8 is made, puts them in the same order.
PEERS = {
    "hnswlib-f32": Hnswlib,
    "usearch-f32": lambda *what: Usearch(*what, "f32", "l2sq"),
    "usearch-i8": lambda *what: Usearch(*what, "i8", "cos"),
    "faiss-flat": lambda *what: Faiss(*what, False),
    "faiss-sq8": lambda *what: Faiss(*what, True),
}


def mapped(path):
    """The vectors of a file .fbin, as an array of float32 that is mapped."""
    rows, dim = np.fromfile(path, dtype="<u4", count=2)
    return np.memmap(path, dtype="<f4", mode="r", offset=8, shape=(int(rows), int(dim)))


def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def tell(**what):
    print(json.dumps(what), flush=True)


def timed(index, queries):
    ids, times = [], []
    for query in queries:
        begin = time.perf_counter()
        found = index.search(query)
        times.append((time.perf_counter() - begin) * 1e3)
        ids.append([int(id) for id in found])
    return ids, times


def main():
    name, base, queries, threads, *efs = sys.argv[1:]
    base, queries = mapped(base), np.array(mapped(queries))
    queries = [queries[at : at + 1] for at in range(len(queries))]
    make, threads = PEERS[name], int(threads)
    small = make(base.shape[1], K, threads)
    small.build(base[:K])
    small.ef(K)
    tell(at="call", ms=statistics.median(timed(small, queries)[1]))
    del small
    index = make(*base.shape[::-1], threads)
    gc.collect()
    gc.disable()
    tell(at="building", anon_kb=anonymous())
    cpu, wall = time.process_time(), time.perf_counter()
    index.build(base)
    tell(at="built", cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - wall)
    # Once without a look at the clock: nobody's first touch is timed.
    index.ef(int(efs[0]))
    timed(index, queries)
    for ef in map(int, efs):
        index.ef(ef)
        ids, times = timed(index, queries)
        tell(ef=ef, ids=ids, ms=times)


if __name__ == "__main__":
    main()
