/* libditto: everything that a model or an experiment needs. */
#ifndef DITTO_H
#define DITTO_H

#include "backend/backend.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/threads.h"
#include "layers/layers.h"
#include "ops/ops.h"
#include "optim/schedule.h"
#include "optim/sgd.h"
#include "tape/shards.h"
#include "tape/tape.h"

/* Programmer errors name the line of the model or experiment: each op notes its place first. */
#define DT_HERE dt_at(__FILE__, __LINE__)
#define dt_conv(layer, x) (DT_HERE, dt_conv(layer, x))
#define dt_linear(layer, x) (DT_HERE, dt_linear(layer, x))
#define dt_subsample(layer, x) (DT_HERE, dt_subsample(layer, x))
#define dt_flatten(x) (DT_HERE, dt_flatten(x))
#define dt_maxpool(x, size) (DT_HERE, dt_maxpool(x, size))
#define dt_avgpool(x, size) (DT_HERE, dt_avgpool(x, size))
#define dt_concat(a, b) (DT_HERE, dt_concat(a, b))
#define dt_rbf(x, centre, units) (DT_HERE, dt_rbf(x, centre, units))
#define dt_softmax_xent(scores, labels) (DT_HERE, dt_softmax_xent(scores, labels))
#define dt_map_loss(penalties, labels, rubbish) (DT_HERE, dt_map_loss(penalties, labels, rubbish))
#define dt_mse(y, labels, low, high) (DT_HERE, dt_mse(y, labels, low, high))

#endif
