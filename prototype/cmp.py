import csv,glob,collections,numpy as np,sys
P=collections.defaultdict(dict); T=collections.defaultdict(dict)
for f in glob.glob('/tmp/proto/peers_*.csv'):
    for r in csv.reader(open(f)):
        if r[1]=='0': P[r[0]][r[2]]=float(r[3]); T[r[0]][r[2]]=float(r[4])
for r in csv.reader(open('/tmp/proto/exp.csv')):
    if r[1]=='0': P[r[0]][r[2]]=float(r[3]); T[r[0]][r[2]]=float(r[4])
cols=sys.argv[1].split(',')
print(f"{'':20}"+"".join(f"{c:>12}" for c in cols))
import json
kind={e['name']:e['task'] for e in json.load(open('/work/shared/data/dev.json'))}
R={'reg':[], 'clf':[]}
for n in kind:
    if n in P:
        print(f"{n:20}"+"".join(f"{P[n].get(c,float('nan')):12.4f}" for c in cols))
        v=[P[n].get(c,np.nan) for c in cols]
        if not np.isnan(v).any(): R['reg' if kind[n]=='regression' else 'clf'].append(v)
for k in R:
    a=np.array(R[k]); 
    if len(a)==0: continue
    rk=a.argsort(1).argsort(1)+1
    print(k,len(a),'rank',dict(zip(cols,rk.mean(0).round(2))),'geo vs first',dict(zip(cols,np.exp(np.log(a/a[:,:1]).mean(0)).round(3))))
    print('   cpu median',{c:round(np.median([T[n][c] for n in T if c in T[n] and (kind[n]=='regression')==(k=='reg')]),1) for c in cols})
