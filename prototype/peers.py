# reference losses of peers per table, seed
import os,sys
for v in("OMP","OPENBLAS","MKL"): os.environ[v+"_NUM_THREADS"]="1"
import warnings; warnings.simplefilter("ignore")
import numpy as np,time,csv
sys.path.insert(0,'/tmp/proto')
from prep import *
from sklearn.metrics import log_loss
from sklearn.ensemble import HistGradientBoostingClassifier as HC, HistGradientBoostingRegressor as HR
def score(task,m,b,yb):
    if task=='regression': return float(np.sqrt(np.mean((m.predict(b)-yb)**2))/yb.std())
    return float(log_loss(yb,m.predict_proba(b),labels=m.classes_))
def cats(t):
    t=t.copy()
    for c in t:
        if t[c].dtype.kind not in 'iufb': t[c]=t[c].astype('category')
    return t
if __name__=="__main__":
    which=sys.argv[1]; seeds=[int(s) for s in sys.argv[2].split(',')]
    out=open(f'/tmp/proto/peers_{which}.csv','a')
    DONE={(r.split(",")[0],r.split(",")[1]) for r in open(f"/tmp/proto/peers_{which}.csv")}
    for e in DEV:
        for seed in seeds:
            if (e["name"],str(seed)) in DONE: continue
            a,ya,b,yb,task=load(e['name'],seed); clf=task!='regression'
            a,b=cats(a),cats(b)
            catc=[c for c in a if a[c].dtype.name=='category']
            for c in catc: b[c]=b[c].cat.set_categories(a[c].cat.categories)
            classes,yi=(np.unique(ya,return_inverse=True) if clf else (None,ya)); ybi=np.searchsorted(classes,yb) if clf else yb
            t=time.process_time()
            try:
                if which=='hgb': 
                    hi=[c for c in catc if a[c].nunique()>250]
                    for c in hi: a[c]=a[c].cat.codes.astype(float); b[c]=b[c].cat.codes.astype(float)
                    m=(HC if clf else HR)(categorical_features='from_dtype',random_state=seed).fit(a,yi)
                elif which=='lgbm':
                    import lightgbm as L; m=(L.LGBMClassifier if clf else L.LGBMRegressor)(n_jobs=1,verbose=-1,random_state=seed).fit(a,yi)
                elif which=='xgb':
                    import xgboost as Xg; m=(Xg.XGBClassifier if clf else Xg.XGBRegressor)(n_jobs=1,enable_categorical=True,random_state=seed).fit(a,yi)
                elif which=='cat':
                    import catboost as C
                    for c in catc: a[c]=a[c].astype(object).where(a[c].notna(),'nan').astype(str); b[c]=b[c].astype(object).where(b[c].notna(),'nan').astype(str)
                    m=(C.CatBoostClassifier if clf else C.CatBoostRegressor)(thread_count=1,verbose=0,random_state=seed,cat_features=catc,allow_writing_files=False).fit(a,yi)
                elif which in('td','tds'):
                    from pytabkit import RealMLP_TD_Classifier as TC,RealMLP_TD_Regressor as TR,RealMLP_TD_S_Classifier as SC,RealMLP_TD_S_Regressor as SR
                    for c in list(a):
                        if a[c].dtype.kind in 'iufb' : 
                            f=a[c].astype(float); mu=f.mean(); 
                            if f.isna().any(): a[c+'_na']=f.isna().astype(float); b[c+'_na']=b[c].isna().astype(float)
                            a[c]=f.fillna(mu); b[c]=b[c].astype(float).fillna(mu)
                    K={'td':(TC,TR),'tds':(SC,SR)}[which][0 if clf else 1]
                    m=K(device='cpu',random_state=seed,n_threads=1).fit(a,yi)
                cpu=time.process_time()-t
                s=score(task,m,b,ybi)
            except Exception as x: print(e['name'],which,repr(x)[:200]); continue
            out.write(f"{e['name']},{seed},{which},{s:.6f},{cpu:.2f}\n"); out.flush()
            print(e['name'],seed,which,round(s,4),round(cpu,1),flush=True)
