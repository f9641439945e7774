"""LightGBM tuned by random search, in a bag of folds.

The search space is our own.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import KFold, StratifiedKFold

MOST_TREES, PATIENCE = 500, 20
"""The most trees, and the trees without an improvement after which training ends."""


def drawn(rng):
    """A random setting."""
    return {
        "learning_rate": 10 ** rng.uniform(-1.5, -0.5),
        "num_leaves": int(2 ** rng.uniform(2, 8)),
        "min_child_samples": int(2 ** rng.uniform(0, 7)),
        "subsample": rng.uniform(0.5, 1.0),
        "subsample_freq": 1,
        "colsample_bytree": rng.uniform(0.4, 1.0),
        "reg_lambda": 10 ** rng.uniform(-3, 2),
        "min_split_gain": 10 ** rng.uniform(-8, 0),
        "cat_smooth": 10 ** rng.uniform(0, 2),
    }


class TunedLightGBM(BaseEstimator):
    """The best of LightGBM's defaults and `n_settings` random settings, in a bag.

    Settings are compared on the first of `n_folds` folds. The best one then trains on each
    fold, and predictions are averaged. The rows left out decide about the number of trees.
    """

    def __init__(self, n_settings=30, n_folds=5, random_state=0):
        self.n_settings = n_settings
        self.n_folds = n_folds
        self.random_state = random_state

    def fit(self, X, y):
        y = np.asarray(y)
        rng = np.random.RandomState(self.random_state)
        folds = list(self._splitter().split(X, y))
        settings = [{}, *(drawn(rng) for _ in range(self.n_settings))]
        tried = [self._trained(one, X, y, folds[0]) for one in settings]
        best = int(np.argmin([_loss(model) for model in tried]))
        others = [self._trained(settings[best], X, y, fold) for fold in folds[1:]]
        self.models_ = [tried[best], *others]
        return self

    def _trained(self, setting, X, y, fold):
        import lightgbm

        training, held = fold
        model = self._kind(
            n_estimators=MOST_TREES,
            n_jobs=1,
            verbose=-1,
            random_state=self.random_state,
            **setting,
        )
        return model.fit(
            X.iloc[training],
            y[training],
            eval_set=[(X.iloc[held], y[held])],
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )


class TunedLightGBMClassifier(ClassifierMixin, TunedLightGBM):
    """The same for classification, by the log-loss."""

    def _splitter(self):
        return StratifiedKFold(
            self.n_folds, shuffle=True, random_state=self.random_state
        )

    def _kind(self, **settings):
        import lightgbm

        return lightgbm.LGBMClassifier(**settings)

    def predict_proba(self, X):
        return np.mean([model.predict_proba(X) for model in self.models_], axis=0)


class TunedLightGBMRegressor(RegressorMixin, TunedLightGBM):
    """The same for regression, by the squared error."""

    def _splitter(self):
        return KFold(self.n_folds, shuffle=True, random_state=self.random_state)

    def _kind(self, **settings):
        import lightgbm

        return lightgbm.LGBMRegressor(**settings)

    def predict(self, X):
        return np.mean([model.predict(X) for model in self.models_], axis=0)


def _loss(model):
    """The loss on the rows left out, at the best number of trees."""
    (losses,) = model.best_score_.values()
    return next(iter(losses.values()))
