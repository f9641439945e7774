import csv,collections,numpy as np,sys,glob,json
P=collections.defaultdict(dict); C=collections.defaultdict(dict)
for f in glob.glob('/tmp/proto/peers_*.csv')+['/tmp/proto/exp.csv']:
    for r in csv.reader(open(f)):
        P[r[2]][(r[0],r[1])]=float(r[3]); C[r[2]][(r[0],r[1])]=float(r[4])
kind={e['name']:e['task'] for e in json.load(open('/work/shared/data/dev.json'))}
base=sys.argv[1]
for t in sys.argv[2:] or [t for t in P]:
    o=[]
    for k in ('clf','reg'):
        ks=[x for x in P[base] if x in P[t] and (kind[x[0]]=='regression')==(k=='reg')]
        if not ks: continue
        a=np.log([P[t][x]/P[base][x] for x in ks]); o.append(f"{k} {np.exp(a.mean()):.4f} (med {np.exp(np.median(a)):.3f}, max {np.exp(a.max()):.2f}, wins {(a<0).sum()}/{len(a)}, cpu {np.median([C[t][x] for x in ks]):.1f})")
    print(f"{t:12}"," | ".join(o))
