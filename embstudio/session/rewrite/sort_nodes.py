"""Nodes in an order of computation: the format demands it, some old exporters did not keep it, onnxruntime forgives."""

from __future__ import annotations

from onnx import ModelProto, NodeProto

from embstudio.session.rewrite.tensor_names import free_names, subgraphs


def sort_nodes(model: ModelProto) -> tuple[str, ...]:
    """Put the main graph's nodes behind those whose outputs they read; each as early as the order of the file allows.

    Nodes in a circle stay where they are: onnxruntime will name them.
    """
    nodes = list(model.graph.node)
    maker = {name: place for place, node in enumerate(nodes) for name in node.output if name}
    needs = [[maker[name] for name in _reads(node) if name in maker] for node in nodes]
    if all(other < place for place, others in enumerate(needs) for other in others):
        return ()
    order: list[int] = []
    state = [0] * len(nodes)  # 0: not seen, 1: waits for what it reads, 2: in order
    for start in range(len(nodes)):
        waiting = [start]
        while waiting:
            place = waiting[-1]
            missing = [other for other in needs[place] if not state[other]]
            if state[place] == 2 or not missing:
                waiting.pop()
                if state[place] != 2:
                    state[place] = 2
                    order.append(place)
            else:
                state[place] = 1
                waiting.extend(reversed(missing))
    del model.graph.node[:]
    model.graph.node.extend(nodes[place] for place in order)
    return ("The file's nodes were not in an order of computation; they were put into one.",)


def _reads(node: NodeProto) -> list[str]:
    captured = (name for body in subgraphs(node) for name in free_names(body))
    return [name for name in (*node.input, *captured) if name]
