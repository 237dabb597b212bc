"""The dense layers of a problem as Keras layers, by name; for Keras's own `fit` and for TensorFlow loops."""
import keras


def dense_layers(problem):
    layers = {}
    for name, weight in problem.parameters.items():
        if name.endswith(".weight"):
            name = name.removesuffix(".weight")
            relu = name.startswith(("encoder", "decoder"))
            layers[name] = layer = keras.layers.Dense(weight.shape[1], activation="relu" if relu else None)
            layer.build((None, weight.shape[0]))
            layer.set_weights([weight, problem.parameters[name + ".bias"]])
    return layers


def network(layers, name, h):
    """The layers NAME.0, NAME.1, ... one after another."""
    for key, layer in layers.items():
        if key.startswith(name):
            h = layer(h)
    return h
