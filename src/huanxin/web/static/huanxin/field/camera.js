// The phone's camera: a label read where the browser can, a photo made small enough to keep.

const LONGEST = 1600;
const LOOK_MS = 200;

export function canScan() {
  return "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
}

// Shows the camera in `video` until `read` takes what it sees, or the returned stop is called.
export async function scanInto(video, read) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const detector = new window.BarcodeDetector({ formats: ["qr_code", "code_128", "data_matrix"] });
  let isOver = false;
  const stop = () => {
    isOver = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  const look = async () => {
    if (isOver) return;
    const seen = await detector.detect(video).catch(() => []);
    if (seen.some(({ rawValue }) => read(rawValue))) stop();
    else setTimeout(look, LOOK_MS);
  };
  look();
  return stop;
}

// A photo at most 1600 pixels long as JPEG; what the browser cannot draw is kept as it is.
export async function smaller(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file;
  }
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const drawn = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.82); });
  return drawn && (scale < 1 || drawn.size < file.size) ? drawn : file;
}

// A field to sign in with a finger. `isSigned()` after a stroke, `blob()` as PNG.
export function signPad(canvas) {
  const pen = canvas.getContext("2d");
  let isDown = false;
  let length = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      (event.clientX - box.left) * canvas.width / box.width,
      (event.clientY - box.top) * canvas.height / box.height,
    ];
  };
  pen.lineWidth = 4;
  pen.lineCap = "round";
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen.lineTo(...at(event));
    pen.stroke();
    length += 1;
  });
  canvas.addEventListener("pointerup", () => { isDown = false; });
  return {
    isSigned: () => length >= 5,
    wipe: () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      length = 0;
    },
    blob: () => new Promise((done) => { canvas.toBlob(done, "image/png"); }),
  };
}
