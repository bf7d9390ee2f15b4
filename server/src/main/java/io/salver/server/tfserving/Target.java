package io.salver.server.tfserving;

import io.salver.model.VersionSelector;
import io.salver.tensor.Signature;

/**
 * What a request is for: a {@code ModelSpec}.
 *
 * @param model the model's name; empty if the request gives none
 * @param signature the signature's name, the default's where the request gives none
 */
record Target(String model, VersionSelector selector, String signature) {
  Target {
    if (signature.isEmpty()) {
      signature = Signature.DEFAULT_NAME;
    }
  }
}
