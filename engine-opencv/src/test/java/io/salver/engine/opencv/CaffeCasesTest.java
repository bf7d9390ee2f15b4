package io.salver.engine.opencv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorData;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.bytedeco.javacpp.indexer.UByteIndexer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.junit.jupiter.api.Test;

/** The Caffe case of the test data, straight through the engine. */
class CaffeCasesTest {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;

  @Test
  void ultrafaceFindsTheFacesOfThePicture() throws Exception {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData::whyAbsent);
    ModelFiles files = new ModelFiles(data.get().resolve("D_other/caffe_ultraface_slim/Slim-320"));
    try (CaffeEngine engine = new CaffeEngine()) {
      assertThat(engine.inspect(files)).isInstanceOf(Inspection.Ready.class);
      try (LoadedModel model = engine.load(files, EngineOptions.DEFAULT)) {
        assertThat(Runs.signature(model).inputs())
            .extracting(TensorSpec::name, TensorSpec::dtype, TensorSpec::shape)
            .containsExactly(Tuple.tuple("input", DType.FLOAT32, Shape.of(1, 3, HEIGHT, WIDTH)));
        assertThat(Runs.signature(model).outputs())
            .extracting(TensorSpec::name, TensorSpec::shape)
            .containsExactlyInAnyOrder(
                Tuple.tuple("scores", Shape.of(1, 4420, 2)),
                Tuple.tuple("boxes", Shape.of(1, 4420, 4)));
        Path picture = data.get().resolve("B_onnx/ultraface_rfb320/imgs/1.jpg");
        Map<String, TensorData> outputs = Runs.once(model, planes(picture));
        TensorData scores = outputs.get("scores");
        int faces = 0;
        for (int i = 1; i < scores.count(); i += 2) {
          faces += scores.number(i) > 0.7 ? 1 : 0;
        }
        assertThat(faces).isEqualTo(89);
      }
    }
  }

  /** Red, green and blue, scaled by OpenCV itself as the network's authors do, from -1 to 1. */
  private static TensorData planes(Path file) {
    try (Mat scaled = new Mat();
        Mat picture = opencv_imgcodecs.imread(file.toString())) {
      opencv_imgproc.resize(picture, scaled, new Size(WIDTH, HEIGHT));
      UByteIndexer pixels = scaled.createIndexer();
      float[] values = new float[3 * WIDTH * HEIGHT];
      for (int i = 0; i < values.length; i++) {
        int plane = i / (WIDTH * HEIGHT);
        int pixel = i % (WIDTH * HEIGHT);
        values[i] = (pixels.get(pixel / WIDTH, pixel % WIDTH, 2 - plane) - 127) / 128f;
      }
      return TensorData.floats("input", Shape.of(1, 3, HEIGHT, WIDTH), values);
    }
  }
}
