//===- CallTreeBody.h - tree_ensemble, one precision --------------*- C -*-===//
//
// Part of Burin, under the Apache License v2.0.
//
//===----------------------------------------------------------------------===//

/// Is value in the set that starts at members[at] and ends at NaN?
static bool CORE(isMember)(const burin_rt_tensor *members, int64_t at, int64_t size, Real value) {
  for (; at < size; ++at) {
    Real member = CORE(load)(members, at);
    if (member != member)
      return false;
    if (member == value)
      return true;
  }
  return false;
}

static int32_t CORE(treeEnsemble)(BURIN_ARGUMENTS) {
  BURIN_UNUSED_CALL;
  const burin_rt_tensor *x = &inputs[0], *splits = &inputs[2], *weights = &inputs[12];
  const burin_rt_tensor *missing = BURIN_INPUT(8), *members = BURIN_INPUT(9);
  const burin_rt_tensor *first = BURIN_INPUT(13), *y = &outputs[0];
  const int64_t *features = inputs[1].data, *roots = inputs[10].data, *targets = inputs[11].data;
  const uint8_t *modes = inputs[3].data;
  const int64_t *next[2] = {inputs[5].data, inputs[4].data};   // false, true
  const int64_t *isLeaf[2] = {inputs[7].data, inputs[6].data}; // likewise
  int64_t nodes = elementCount(&inputs[1]), trees = elementCount(&inputs[10]);
  int64_t entries = elementCount(&inputs[11]), memberCount = members ? elementCount(members) : 0;
  int64_t leaves = first ? elementCount(first) - 1 : entries;
  int64_t columns = x->shape[1], outColumns = y->shape[1], aggregate = int_attrs[0];
  // The nodes with a set own the lists of members in their order.
  int64_t *set = scratch, at = 0;
  for (int64_t i = 0; i < nodes; ++i) {
    set[i] = at;
    if (modes[i] != NodeMember)
      continue;
    while (at < memberCount && CORE(load)(members, at) == CORE(load)(members, at))
      ++at;
    ++at;
  }
  Real *sums = (Real *)(set + nodes);
  uint8_t *touched = (uint8_t *)(sums + outColumns);
  for (int64_t row = 0; row < x->shape[0]; ++row) {
    for (int64_t i = 0; i < outColumns; ++i) {
      touched[i] = 0;
      sums[i] = LIT(0.0);
    }
    for (int64_t tree = 0; tree < trees; ++tree) {
      int64_t node = roots[tree];
      bool leaf = false;
      // A path longer than the number of nodes would be a cycle.
      for (int64_t steps = 0; !leaf; ++steps) {
        if (node < 0 || node >= nodes || steps > nodes || features[node] < 0 ||
            features[node] >= columns)
          return BURIN_RT_BAD_DATA;
        Real value = CORE(load)(x, row * columns + features[node]);
        Real split = CORE(load)(splits, node);
        bool taken = false;
        switch (modes[node]) {
        case NodeLeq:
          taken = value <= split;
          break;
        case NodeLt:
          taken = value < split;
          break;
        case NodeGte:
          taken = value >= split;
          break;
        case NodeGt:
          taken = value > split;
          break;
        case NodeEq:
          taken = value == split;
          break;
        case NodeNeq:
          taken = value != split;
          break;
        default:
          taken = members && CORE(isMember)(members, set[node], memberCount, value);
        }
        // A missing value takes the side that the node says.
        if (value != value)
          taken = missing ? loadInt(missing, node) != 0 : taken;
        leaf = isLeaf[taken][node] != 0;
        node = next[taken][node];
      }
      if (node < 0 || node >= leaves)
        return BURIN_RT_BAD_DATA;
      const int64_t *ranges = first ? first->data : (const int64_t *)0;
      int64_t begin = ranges ? ranges[node] : node, end = ranges ? ranges[node + 1] : node + 1;
      if (begin < 0 || end > entries)
        return BURIN_RT_BAD_DATA;
      for (int64_t entry = begin; entry < end; ++entry) {
        int64_t target = targets[entry];
        if (target < 0 || target >= outColumns)
          return BURIN_RT_BAD_DATA;
        Real weight = CORE(load)(weights, entry);
        if (aggregate == AggregateMin)
          sums[target] = !touched[target] || weight < sums[target] ? weight : sums[target];
        else if (aggregate == AggregateMax)
          sums[target] = !touched[target] || weight > sums[target] ? weight : sums[target];
        else
          sums[target] += weight;
        touched[target] = 1;
      }
    }
    for (int64_t i = 0; i < outColumns; ++i)
      CORE(store)(y, row * outColumns + i,
                  aggregate == AggregateMean && trees ? sums[i] / (Real)trees : sums[i]);
  }
  return BURIN_RT_OK;
}
