package io.salver.engine.opencv;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/** Has OpenCV read files that have been checked. */
final class NetLoader {
  private NetLoader() {}

  /**
   * Loads a network, and runs it once with zeros to see what it makes.
   *
   * @throws ModelLoadException if the files are broken, or OpenCV refuses them
   */
  static LoadedModel load(CaffeFiles files, EngineOptions options) throws ModelLoadException {
    Path definitionFile = files.definition().orElse(Path.of("no .prototxt"));
    Path weightsFile = files.weights().orElse(Path.of("no .caffemodel"));
    try (Arena arena = Arena.ofConfined()) {
      String text = files.readDefinition();
      Definition definition = definition(definitionFile, text);
      MemorySegment weights = files.mapWeights(arena);
      checkWeights(weightsFile, weights);
      OpenCvLibrary.load(options);
      return load(definition, text, weights);
    } catch (IOException e) {
      throw new ModelLoadException(definitionFile + ": " + e, e);
    } catch (InternalError e) {
      throw new ModelLoadException(weightsFile + ": changed while it was read: " + e, e);
    } catch (RuntimeException e) {
      throw new ModelLoadException(
          definitionFile
              + ", "
              + weightsFile.getFileName()
              + ": OpenCV: "
              + OpenCvErrors.message(e),
          e);
    }
  }

  private static Definition definition(Path file, String text) throws ModelLoadException {
    try {
      return Definition.parse(text);
    } catch (WireFormatException | ModelLoadException e) {
      throw new ModelLoadException(file + ": " + e.getMessage(), e);
    }
  }

  private static void checkWeights(Path file, MemorySegment weights) throws ModelLoadException {
    try {
      WeightsScan.check(weights);
    } catch (WireFormatException e) {
      throw new ModelLoadException(
          file + ": " + e.getMessage() + " (expected: a whole .caffemodel)", e);
    }
  }

  private static LoadedModel load(Definition definition, String text, MemorySegment weights)
      throws ModelLoadException {
    byte[] textBytes = text.getBytes(StandardCharsets.UTF_8);
    try (PointerScope scope = new PointerScope()) {
      Net net =
          opencv_dnn.readNetFromCaffe(
              new BytePointer(textBytes),
              textBytes.length,
              new BytePointer(new Blobs.Address(weights.address())),
              weights.byteSize());
      net.setPreferableBackend(opencv_dnn.DNN_BACKEND_OPENCV);
      net.setPreferableTarget(opencv_dnn.DNN_TARGET_CPU);
      List<String> layers = names(net.getUnconnectedOutLayersNames());
      Signature signature = signature(net, definition, layers);
      net.retainReference();
      return new CaffeModel(net, signature, CaffeFiles.memoryBoundBytes(weights.byteSize()));
    }
  }

  /** JavaCPP counts the zero at a string's end. */
  private static List<String> names(StringVector vector) {
    List<String> names = new ArrayList<>();
    for (long i = 0; i < vector.size(); i++) {
      String name = vector.get(i).getString();
      int end = name.indexOf('\0');
      names.add(end < 0 ? name : name.substring(0, end));
    }
    return names;
  }

  private static Signature signature(Net net, Definition definition, List<String> layers)
      throws ModelLoadException {
    boolean batched =
        definition.inputs().values().stream().map(s -> s.dim(0)).distinct().count() == 1;
    List<Shape> declared = Trial.outputs(net, definition.inputs(), layers, 0);
    List<Shape> outputs = declared;
    if (batched) {
      List<Shape> more = Trial.outputsIfAny(net, definition.inputs(), layers, 1);
      batched = Trial.grewByRows(definition.inputs(), declared, more);
      outputs = batched ? declared.stream().map(shape -> shape.withFirst(-1)).toList() : declared;
    }
    List<TensorSpec> inputs = new ArrayList<>();
    for (String name : definition.inputs().keySet()) {
      Shape shape = definition.inputs().get(name);
      inputs.add(TensorSpec.of(name, DType.FLOAT32, batched ? shape.withFirst(-1) : shape));
    }
    List<TensorSpec> made = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < layers.size(); i++) {
      String layer = layers.get(i);
      String top = definition.tops().getOrDefault(layer, layer);
      String name = taken.add(top) ? top : layer;
      made.add(new TensorSpec(name, DType.FLOAT32, outputs.get(i), layer, false));
    }
    return new Signature(Signature.DEFAULT_NAME, "", inputs, made);
  }
}
