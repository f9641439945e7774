import os
for v in("OMP","OPENBLAS","MKL"): os.environ[v+"_NUM_THREADS"]="1"
import sys; sys.path[:0]=['/tmp/wt-tab','/tmp/proto']
import warnings; warnings.simplefilter("ignore")
import numpy as np, time, math
from skmlp.core.layers import Dense, Dropout
from skmlp.core.scaling import Scale, ParametricActivation
from skmlp.core.embeddings import *
from skmlp.core.network import Network
from skmlp.core.initializers import DataDriven, Zeros, GlorotUniform
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import HEADS
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam
from skmlp.core.training import *
from skmlp.core.schedules import ByFunction, Cosine, OneCycle
from skmlp.core.batches import Table
F=np.float32
CFG=dict(k=4,width=128,depth=3,epochs=64,batch=None,lr=None,wd=0.02,dropout=0.15,act=None,nfreq=16,sigma=.1,emb=3,scale=6.,sched='coslog4',bag=True,val=.2,select='best',b2=.95,param=True,out='normal',alpha=0,ncat=8,max_oh=8,loss=None,head=None)
S={'coslog4':lambda t:.5*(1-math.cos(2*math.pi*math.log2(1+15*t))),'coslog2':lambda t:.5*(1-math.cos(2*math.pi*math.log2(1+3*t))),'coslog3':lambda t:.5*(1-math.cos(2*math.pi*math.log2(1+7*t))),'cos':lambda t:.5*(1+math.cos(math.pi*t)),'onecycle':lambda t: (.04+.96*.5*(1-math.cos(math.pi*t/.1))) if t<.1 else .5*(1+math.cos(math.pi*(t-.1)/.9)),'flatcos':lambda t:1. if t<.5 else .5*(1+math.cos(2*math.pi*(t-.5)))}
class Normal:
    def __init__(s,sd=1.): s.sd=sd
    def __call__(s,rng,a,b,h=None): return rng.standard_normal((a,b))*s.sd/np.sqrt(a),np.zeros(b)
def build(c,dn,dp,cards,K,kind):
    act=ACTIVATIONS[c['act'] or ('selu' if kind=='clf' else 'mish')]
    parts=[]
    if dn: parts.append((dn,Periodic(dn,c['nfreq'],c['emb'],c['sigma'],gain=c.get('pgain',.1)) if c['nfreq'] else None))
    if dp: parts.append((dp,None))
    for n in cards: parts.append((1,Categories(n,c['ncat'])))
    col=Columns(tuple(parts)); d=col.n_out; L=[col]
    if c['scale']: L.append(Scale(d,c['scale']))
    for l in range(c['depth']):
        if c['param']:
            L.append(Dense(d,c['width'],None,DataDriven(),1/math.sqrt(d),.1)); L.append(ParametricActivation(c['width'],act,.1))
        else: L.append(Dense(d,c['width'],act,DataDriven(),1/math.sqrt(d),.1))
        if c['dropout']: L.append(Dropout(c['width'],c['dropout']))
        d=c['width']
    L.append(Dense(d,K,None,Zeros() if c['out']=='zero' else Normal(c.get('outsd',1.)),1/math.sqrt(d),.1))
    return Network(tuple(L))
def auto_batch(n): return 64 if n<=1024 else 128 if n<=8192 else 256 if n<=30000 else 512 if n<=100000 else 1024
def softmax(z):
    z=z-z.max(1,keepdims=True); e=np.exp(z); return e/e.sum(1,keepdims=True)
def pred(kind,s): return s if kind=='reg' else softmax(s)
def loss(kind,p,y):
    if kind=='reg': return float(np.sqrt(np.mean((p-y)**2)))
    return float(-np.mean(np.log(np.maximum((p*y).sum(1),1e-12))))
def fit_member(c,X,Y,tr,va,seed,kind,shape):
    rng=np.random.RandomState(seed)
    net=build(c,*shape,Y.shape[1],kind)
    sub=rng.choice(tr,min(len(tr),1024),replace=False)
    theta=net.initialize(rng,F,X[sub])
    obj=Objective(net,HEADS['squared_error' if kind=='reg' else 'softmax'],c['alpha'])
    B=c['batch'] or auto_batch(len(tr)); B=min(B,len(tr))
    lr=c['lr'] or (.04 if kind=='clf' else .2)
    plan=Plan(obj,ByFunction(S[c['sched']]),lr,B,max_epochs=c['epochs'],weight_decay=c['wd'])
    st=TrainingState(Adam(.9,c['b2'],1e-8),Patience(0,np.inf),rng,order=tr)
    def val(th):
        l=loss(kind,pred(kind,net.scores(th,X[va])),Y[va]); return Validation(-l,l)
    run=train(plan,theta,st,Table(X,Y),validate=val if len(va) and c['select']=='best' else None,log=lambda l:None)
    th=run.best if run.best is not None and c['select']=='best' else theta
    if c['select']=='best' and np.isfinite(val(theta).loss) and run.records[-1].validation_loss<=-run.best_score: th=theta
    return net,th,run
CACHE={}
def data(name,seed,max_oh,num='robust'):
    from prep import load,Enc
    key=(name,seed,max_oh,num)
    if key not in CACHE:
        a,ya,b,yb,task=load(name,seed); e=Enc(max_oh,num).fit(a)
        f=lambda t: np.hstack([x.astype(F) for x in e.transform(t)])
        X,Xt=f(a),f(b); Z=e.transform(a)
        CACHE[key]=(X,ya,Xt,yb,task,(Z[0].shape[1],Z[1].shape[1],e.cards))
    return CACHE[key]
def run(name,seed,cfg):
    c={**CFG,**cfg}
    X,ya,Xt,yb,task,shape=data(name,seed,c['max_oh'],c.get('num','robust')); kind='reg' if task=='regression' else 'clf'
    t0=time.process_time()
    if kind=='clf':
        cl,yi=np.unique(ya,return_inverse=True); Y=np.eye(len(cl),dtype=F)[yi]; Yt=np.eye(len(cl),dtype=F)[np.searchsorted(cl,yb)]
    else:
        mu,sd=ya.mean(),ya.std(); Y=((ya-mu)/sd).astype(F)[:,None]; Yt=yb[:,None]
    n=len(X); rng=np.random.RandomState(seed+77); preds=[]; indiv=[]; be=[]
    if c['bag']:
        from sklearn.model_selection import KFold,StratifiedKFold
        folds=list((StratifiedKFold if kind=='clf' and np.bincount(yi).min()>=c['k'] else KFold)(max(2,c['k']),shuffle=True,random_state=seed).split(np.zeros(n),yi if kind=='clf' else None))
    for k in range(c['k']):
        if c['bag']: tr,va=folds[k]
        elif c['val']: pm=rng.permutation(n); nv=int(c['val']*n); va,tr=pm[:nv],pm[nv:]
        else: tr,va=np.arange(n),np.arange(0)
        net,th,r=fit_member(c,X,Y,tr,va,seed*100+k,kind,shape)
        be.append(r.best_epoch)
        p=pred(kind,net.scores(th,Xt))
        if kind=='reg': p=np.clip(p,Y[tr].min(),Y[tr].max())*sd+mu
        preds.append(p); indiv.append(loss(kind,p,Yt)/(yb.std() if kind=='reg' else 1))
    cpu=time.process_time()-t0; z=(yb.std() if kind=='reg' else 1)
    return dict(loss=float(loss(kind,np.mean(preds,0),Yt)/z),indiv=float(np.mean(indiv)),cpu=cpu,kind=kind,cum=[loss(kind,np.mean(preds[:j],0),Yt)/z for j in range(1,len(preds)+1)],be=be)
if __name__=="__main__":
    import json
    tag,cfg,seeds,names=sys.argv[1],json.loads(sys.argv[2]),[int(s) for s in sys.argv[3].split(',')],None
    from prep import DEV
    SUB=['vowel','contraceptive','leaf_flavia','spambase','credit_status','magic','electricity','satimage','swissmetro','hpc_jobs','abalone','california_housing','sacramento_homes','computer_prices','hotel_rates','diamonds']
    names=SUB if len(sys.argv)<5 else [e['name'] for e in DEV] if sys.argv[4]=='all' else sys.argv[4].split(',')
    out=open('/tmp/proto/exp.csv','a')
    for n in names:
        for s in seeds:
            r=run(n,s,cfg)
            out.write(f"{n},{s},{tag},{r['loss']:.6f},{r['cpu']:.2f},{r['indiv']:.6f},{'|'.join('%.5f'%x for x in r['cum'])}\n"); out.flush()
            print(n,s,tag,round(r['loss'],4),round(r['indiv'],4),round(r['cpu'],1),r['be'],flush=True)
