# A film is written with its index put to the front at the end, cut, and looked into at the middle.
# needs: ffmpeg ffprobe

work() {
  ffmpeg -v error -f lavfi -i testsrc=size=320x180:rate=25:duration=8 -f lavfi -i sine=duration=8 \
    -fflags +bitexact -flags +bitexact -threads 1 -c:v mpeg4 -c:a aac -movflags +faststart film.mp4
  ffmpeg -v error -ss 5 -i film.mp4 -frames:v 1 -fflags +bitexact -flags +bitexact picture.png
  ffmpeg -v error -ss 2 -t 3 -i film.mp4 -c copy -fflags +bitexact part.mkv
  ffmpeg -v error -i part.mkv -c copy -fflags +bitexact -y film.avi
  ffmpeg -v error -i film.mp4 -vn -c:a pcm_s16le -fflags +bitexact sound.wav
}

look() {
  local file
  for file in film.mp4 part.mkv film.avi sound.wav; do
    ffprobe -v error -show_entries format=duration,size -of csv "$file"
    ffmpeg -v error -i "$file" -map 0 -f framemd5 - | md5sum
  done
}
