//===- CallNms.c - Non-maximum suppression ------------------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

#include "runtime-lib/Tensors.h"

typedef struct {
  float y1, x1, y2, x2;
} Box;

static Box loadBox(const burin_rt_tensor *boxes, int64_t i, bool center) {
  float a = loadF32(boxes, 4 * i), b = loadF32(boxes, 4 * i + 1);
  float c = loadF32(boxes, 4 * i + 2), d = loadF32(boxes, 4 * i + 3);
  if (center) { // x, y, width, height
    float w = c * 0.5f, h = d * 0.5f;
    return (Box){b - h, a - w, b + h, a + w};
  }
  // Two opposite corners in any order.
  return (Box){a < c ? a : c, b < d ? b : d, a < c ? c : a, b < d ? d : b};
}

static bool overlaps(Box a, Box b, float threshold) {
  float y1 = a.y1 > b.y1 ? a.y1 : b.y1, y2 = a.y2 < b.y2 ? a.y2 : b.y2;
  float x1 = a.x1 > b.x1 ? a.x1 : b.x1, x2 = a.x2 < b.x2 ? a.x2 : b.x2;
  if (y2 <= y1 || x2 <= x1)
    return false;
  float both = (y2 - y1) * (x2 - x1);
  float one = (a.y2 - a.y1) * (a.x2 - a.x1), other = (b.y2 - b.y1) * (b.x2 - b.x1);
  float all = one + other - both;
  return one > 0.0f && other > 0.0f && all > 0.0f && both / all > threshold;
}

typedef struct {
  const burin_rt_tensor *scores;
  int64_t start;
} Scores;

static bool scoreBefore(const void *context, int64_t a, int64_t b) {
  const Scores *s = context;
  return loadF32(s->scores, s->start + a) > loadF32(s->scores, s->start + b);
}

BURIN_CALL(nms) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *boxes = &inputs[0], *scores = &inputs[1];
  const burin_rt_tensor *most = BURIN_INPUT(2), *iou = BURIN_INPUT(3), *least = BURIN_INPUT(4);
  if (boxes->rank != 3 || scores->rank != 3 || boxes->shape[2] != 4 ||
      boxes->shape[0] != scores->shape[0] || boxes->shape[1] != scores->shape[2])
    return BURIN_RT_BAD_SHAPE;
  int64_t batches = scores->shape[0], classes = scores->shape[1], n = scores->shape[2];
  int64_t limit = most ? loadInt(most, 0) : 0;
  float threshold = iou ? loadF32(iou, 0) : 0.0f;
  float lowest = least ? loadF32(least, 0) : 0.0f;
  bool center = int_attrs[0] != 0;
  int64_t *selected = outputs[0].data, bound = outputs[0].shape[0], count = 0;
  int64_t *order = scratch, *spare = order + n;
  for (int64_t task = 0; task < batches * classes; ++task) {
    Scores context = {scores, task * n};
    int64_t candidates = 0;
    for (int64_t i = 0; i < n; ++i) {
      float score = loadF32(scores, task * n + i);
      if (score == score && (!least || score > lowest))
        order[candidates++] = i;
    }
    burin_rt_sort(order, spare, candidates, scoreBefore, &context);
    int64_t base = task / classes * n, kept = 0;
    for (int64_t i = 0; i < candidates && kept < limit && count < bound; ++i) {
      Box box = loadBox(boxes, base + order[i], center);
      bool keep = true;
      for (int64_t j = 0; j < kept && keep; ++j)
        keep = !overlaps(loadBox(boxes, base + spare[j], center), box, threshold);
      if (!keep)
        continue;
      spare[kept++] = order[i]; // free behind the sort
      selected[3 * count] = task / classes;
      selected[3 * count + 1] = task % classes;
      selected[3 * count + 2] = order[i];
      ++count;
    }
  }
  *(int64_t *)outputs[1].data = count;
  return BURIN_RT_OK;
}

BURIN_SCRATCH(nms) {
  BURIN_UNUSED;
  return inputs[1].rank != 3 ? 0 : inputs[1].shape[2] * 2 * (int64_t)sizeof(int64_t);
}
