import numpy as np, pandas as pd, json
from sklearn.model_selection import train_test_split
D='/work/shared/data/'
DEV=json.load(open(D+'dev.json'))
def load(name, seed=0, cap=8000):
    e=[x for x in DEV if x['name']==name][0]
    t=pd.read_parquet(D+name+'.parquet'); y=t.pop('target')
    strat=y if e['task']!='regression' else None
    a,b,ya,yb=train_test_split(t,y,random_state=seed,test_size=0.25,stratify=strat)
    if len(a)>cap:
        a,_,ya,_=train_test_split(a,ya,random_state=seed,train_size=cap,stratify=ya if strat is not None else None)
    if len(b)>20000: b,yb=b[:20000],yb[:20000]
    return a.reset_index(drop=True),ya.to_numpy(),b.reset_index(drop=True),yb.to_numpy(),e['task']
class Enc:
    """numeric robust-scale smooth-clip; one-hot up to 8; codes beyond."""
    def __init__(s,max_oh=8,num='robust'): s.max_oh=max_oh; s.numk=num
    def fit(s,t):
        s.num=[c for c in t if t[c].dtype.kind in 'iufb']; s.cat=[c for c in t if c not in s.num]
        N=t[s.num].to_numpy(np.float64) if s.num else np.zeros((len(t),0))
        s.miss=np.isnan(N).any(0)
        s.med=np.nanmedian(N,0) if s.num else np.zeros(0)
        s.mean=np.nanmean(N,0) if s.num else np.zeros(0)
        q1,q3=np.nanpercentile(N,[25,75],axis=0) if s.num else (np.zeros(0),)*2
        iqr=q3-q1; rng=np.nanmax(N,0)-np.nanmin(N,0) if s.num else np.zeros(0)
        s.scale=np.where(iqr>0,1/np.where(iqr>0,iqr,1),np.where(rng>0,2/np.where(rng>0,rng,1),0))
        if s.numk!='robust':
            from sklearn.preprocessing import QuantileTransformer
            r=np.random.RandomState(0); Zf=np.where(np.isnan(N),s.mean,N); sd=Zf.std(0); Zn=Zf+r.randn(*Zf.shape)*1e-3*np.where(sd>0,sd,1)*(1 if 'noise' in s.numk else 0)
            s.qt=QuantileTransformer(n_quantiles=max(min(len(N)//30,1000),10),output_distribution='normal',subsample=10**9,random_state=0).fit(Zn) if s.num else None
        s.cats=[list(pd.unique(t[c].dropna().astype(str))) for c in s.cat]
        s.oh=[len(c)<=s.max_oh for c in s.cats]
        return s
    def transform(s,t):
        N=t[s.num].to_numpy(np.float64) if s.num else np.zeros((len(t),0))
        M=np.isnan(N)
        Z=np.where(M,s.mean,N); Z=(Z-s.med)*s.scale; Z=Z/np.sqrt(1+(Z/3)**2)
        if s.numk!='robust' and s.num:
            Q=s.qt.transform(np.where(M,s.mean,N)); Q=np.clip(Q,-3.5,3.5)
            Z=np.hstack([Z,Q]) if 'both' in s.numk else Q
        plain=[M[:,s.miss].astype(float)]
        codes=[]
        for c,cats,oh in zip(s.cat,s.cats,s.oh):
            m={v:i for i,v in enumerate(cats)}
            k=t[c].astype(object).map(lambda v: m.get(str(v),-1) if v is not None and v==v else -1).to_numpy(int)
            if oh:
                if len(cats)==2: plain.append(np.select([k==0,k==1],[-1.,1.],0.)[:,None])
                else: plain.append((k[:,None]==np.arange(len(cats))).astype(float))
            else: codes.append(k+1)
        P=np.hstack(plain) if plain else np.zeros((len(t),0))
        return Z.astype('f4'),P.astype('f4'),(np.stack(codes,1) if codes else np.zeros((len(t),0),int))
    @property
    def cards(s): return [len(c)+1 for c,o in zip(s.cats,s.oh) if not o]
