"""What people wrote in Word, fields and tags, made into the template language and fenced in."""
